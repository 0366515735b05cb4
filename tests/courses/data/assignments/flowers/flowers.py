"""Flowers: a table is read, described and searched."""

from dataclasses import dataclass
from typing import NamedTuple
import numpy as np
import pandas as pd


class Extent(NamedTuple):
    """The smallest and the largest of some numbers."""

    low: float
    high: float


@dataclass
class Match:
    """A flower that was found."""

    species: str
    distance: float


def load():
    """The table in `flowers.csv`, without the rows that lack a number, numbered from 0 again."""
    raise NotImplementedError


def means(table):
    """The mean length and width of each species: a frame with the species as its index, sorted."""
    raise NotImplementedError


def describe(x):
    """A dictionary of float: `mean`, `sd` (of the population), and `extent`, an `Extent`; x has shape (n,)."""
    raise NotImplementedError


def standardize(x):
    """The columns of x, shape (n, k), with mean 0 and standard deviation 1."""
    raise NotImplementedError


def species(table):
    """The set of the table's species."""
    raise NotImplementedError


def nearest(table, length, width):
    """The row of the table that is nearest by Euclidean distance: a `Match`."""
    raise NotImplementedError


def report(table):
    """Print one line for each species, sorted: its name and how many rows it has."""
    raise NotImplementedError
