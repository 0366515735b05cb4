"""Gradescope's default container, as it is: root, half a core, 768 MB, `/autograder/…`, run_autograder."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from grader.homework import load_homework
from tests.containers import machine

HOMEWORK = load_homework(machine.ROOT, "hw1_conv")
NOW = datetime(2027, 3, 18, 12, tzinfo=UTC)
METADATA = {"created_at": NOW.isoformat(), "assignment": {"due_date": (NOW + timedelta(days=1)).isoformat()}}


def test_full_marks_within_gradescopes_limits(tmp_path):
    results, peak = machine.autograde(HOMEWORK.reference_source, METADATA, tmp_path)
    assert results["score"] == HOMEWORK.assignment.points
    assert peak < 700


def test_the_starter_gets_nothing(tmp_path):
    assert machine.autograde(HOMEWORK.starter_source, METADATA, tmp_path)[0]["score"] == 0


def test_nothing_handed_in(tmp_path):
    results, _ = machine.autograde(None, METADATA, tmp_path)
    assert results["score"] == 0
    assert results["output"] == "The folder is empty."


def test_metadata_without_sense(tmp_path):
    results, _ = machine.autograde(HOMEWORK.reference_source, '{"created_at": "yesterday"}', tmp_path)
    assert results["score"] == HOMEWORK.assignment.points
    assert "created_at" in results["extra_data"]["metadata"]


STEALS = """
import os

def conv2d_output_size(*args, **kwargs):
    found = []
    for folder in ("/autograder/source", "/autograder/results", "/autograder/submission", "/proc", "/root", "/etc"):
        try:
            found.append(f"{folder}: {os.listdir(folder)}")
        except OSError as error:
            found.append(f"{folder}: {type(error).__name__}")
    for path in ("/autograder/results/results.json", "/autograder/submission_metadata.json"):
        try:
            with open(path, "w") as file:
                file.write('{"score": 100}')
            found.append(path + " written")
        except OSError:
            pass
    raise ValueError("; ".join(found))
"""


def test_the_course_and_the_results_are_out_of_reach(tmp_path):
    source = STEALS.replace("conv2d_output_size", first_function())
    results, _ = machine.autograde(source, METADATA, tmp_path)
    said = json.dumps(results)
    assert "/autograder/source: PermissionError" in said
    assert "/autograder/results: PermissionError" in said
    assert "written" not in said
    assert results["score"] == 0


def first_function() -> str:
    import re

    return re.search(r"^def (\w+)", HOMEWORK.starter_source, re.MULTILINE)[1]


LOOPS = "\n\ndef relu_backward(dout, x):\n    while True:\n        pass\n"
HOARDS = "\n\ndef relu_backward(dout, x):\n    kept = []\n    while True:\n        kept.append(bytearray(b'x') * (32 << 20))\n"
LINGERS = (
    "\n\ndef relu_backward(dout, x):\n    import os, time\n    if os.fork() == 0:\n        os.setsid()\n"
    "        while True:\n            try:\n                open('/autograder/results/results.json', 'w').write('{}')\n"
    "            except OSError:\n                time.sleep(0.01)\n    return dout * (x > 0)\n"
)
KILLS_ITSELF = "\n\ndef relu_backward(dout, x):\n    import os\n    os.kill(os.getpid(), 9)\n"


@pytest.mark.parametrize(
    ("trouble", "verdicts"),
    [(LOOPS, {"timeout"}), (HOARDS, {"memory"}), (KILLS_ITSELF, {"crash"})],
    ids=["loops", "hoards", "kills itself"],
)
def test_trouble_costs_its_own_checks_only(tmp_path, trouble, verdicts):
    results, _ = machine.autograde(HOMEWORK.reference_source + trouble, METADATA, tmp_path)
    lost = [test for test in results["tests"] if test["status"] == "failed"]
    assert {test["extra_data"]["verdict"] for test in lost} == verdicts
    assert {test["tags"][0] for test in lost} == {"relu", "training"}  # the network is trained with the same function
    assert 90 < results["score"] < 100


def test_a_process_that_stays_writes_no_result(tmp_path):
    results, _ = machine.autograde(HOMEWORK.reference_source + LINGERS, METADATA, tmp_path)
    lost = {test["tags"][0] for test in results["tests"] if test["status"] == "failed"}
    assert lost <= {"training"}  # which forks at every step, until it may not any more
    assert results["score"] >= HOMEWORK.assignment.points - 10
    assert len(results["tests"]) > 50
