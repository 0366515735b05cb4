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
    return pd.read_csv("flowers.csv").dropna().reset_index(drop=True)


def means(table):
    """The mean length and width of each species: a frame with the species as its index, sorted."""
    return table.groupby("species").mean()


def describe(x):
    """A dictionary of float: `mean`, `sd` (of the population), and `extent`, an `Extent`; x has shape (n,)."""
    return {"mean": float(np.mean(x)), "sd": float(np.std(x)), "extent": Extent(float(np.min(x)), float(np.max(x)))}


def standardize(x):
    """The columns of x, shape (n, k), with mean 0 and standard deviation 1."""
    return (x - x.mean(axis=0)) / x.std(axis=0)


def species(table):
    """The set of the table's species."""
    return set(table["species"])


def nearest(table, length, width):
    """The row of the table that is nearest by Euclidean distance: a `Match`."""
    distances = np.hypot(table["length"] - length, table["width"] - width)
    row = int(np.argmin(distances))
    return Match(table["species"].iloc[row], float(distances.iloc[row]))


def report(table):
    """Print one line for each species, sorted: its name and how many rows it has."""
    for name, count in sorted(table["species"].value_counts().items()):
        print(name, count)
