"""A class whose roster is Canvas' own gradebook, and what Canvas gets back."""

from __future__ import annotations

import csv

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import read_roster
from grader.gradebook import write_gradebook
from tests.grader.commands.runs import NOW, made, opened

GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Warm-up (77)\n"
    ",,,,,Manual Posting\n"
    "    Points Possible,,,,,100.0\n"
    '"Lee, Ada",5001,A0001,ada1,S1,\n'
    '"Wu, Cy",5003,A0003,cyw3,S1,\n'
    '"Student, Test",9999,,0123456789abcdef,S1,\n'
)


def test_ids_logins_and_the_column_go_back_as_they_came(tmp_path):
    path = tmp_path / "gradebook.csv"
    path.write_text(GRADEBOOK)
    hand_in = HandIn(
        "leeada_5001", "", "leeada_5001_9001_hw0.py", owners=(Owner("5001", "leeada", account="canvas 5001"),)
    )
    made(tmp_path / "run", [hand_in], read_roster(path), {"leeada_5001": 3})
    with opened(tmp_path / "run") as classrun:
        assignment = classrun.homework.assignment
        write_gradebook(classrun.settle(NOW).entries, {"hw0": assignment}, tmp_path, {"hw0": GRADEBOOK})
    with (tmp_path / "canvas.csv").open(newline="") as file:
        titles, _possible, *rows = csv.reader(file)
    assert titles == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Warm-up (77)"]
    assert rows == [["Lee, Ada", "5001", "A0001", "ada1", "S1", "3"], ["Wu, Cy", "5003", "A0003", "cyw3", "S1", ""]]
