"""Downloads that hold several homeworks, a folder of each in every student's folder: which one is this?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from grader.collect.items import Item
from grader.collect.roster import fold
from grader.errors import UsageError
from grader.intake.contents import shown
from grader.spec import Assignment


def folder_of(assignment: Assignment, students: Mapping[str, Sequence[Item]], platform: str) -> str:
    """The name of this homework's folders: the only one, or the one that is called like the homework.

    `students` are students' folders with what lies in them. Raises `UsageError` where that is not clear.
    """
    names = {item.name for folders in students.values() for item in folders}
    if len(names) == 1:
        return names.pop()
    wanted = {_bare(assignment.name), _bare(assignment.title)}
    called = [name for name in names if _bare(name) in wanted]
    if len(called) == 1:
        return called[0]
    # "Homework 4" for hw4_batchnorm: the number, where only one folder has it
    number = re.search(r"\d+", assignment.name)
    called = [name for name in names if number and re.findall(r"\d+", name) == [number[0]]]
    if len(called) == 1:
        return called[0]
    raise UsageError(
        f"this download of {platform} holds several homeworks ({', '.join(map(shown, sorted(names)[:8]))}), and none "
        f'of them is called "{assignment.title}" or "{assignment.name}". Rename the folders of the one to grade'
    )


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))
