"""Which folder of a download is this homework's?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader.collect.nested import folder_of
from grader.errors import UsageError
from grader.spec import Assignment

HOMEWORK = Assignment(
    name="hw4_batchnorm",
    title="Batch normalisation",
    points=1,
    files=("batchnorm.py",),
    parts=[{"name": "all", "title": "All", "points": 1}],
)


def students(*folders: str):
    return {name: [SimpleNamespace(name=folder) for folder in folders] for name in ("ada", "ben")}


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (("anything",), "anything"),
        (("hw3", "HW4 Batchnorm"), "HW4 Batchnorm"),
        (("dropout", "Batch Normalisation"), "Batch Normalisation"),
        (("Homework 3", "Homework 4", "Homework 14"), "Homework 4"),
    ],
)
def test_the_folder_that_is_called_like_the_homework(folders, found):
    assert folder_of(HOMEWORK, students(*folders), "Sakai") == found


@pytest.mark.parametrize("folders", [("Homework 3", "Homework 5"), ("Homework 4", "Quiz 4"), ("a", "b")])
def test_where_it_is_not_clear_nothing_is_taken(folders):
    with pytest.raises(UsageError, match="holds several homeworks"):
        folder_of(HOMEWORK, students(*folders), "Sakai")
