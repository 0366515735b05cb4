"""The peer: the hidden suite as a unittest class under gradescope-utils' JSONTestRunner, as most courses run theirs.

    python run_tests.py SUITE REFERENCE SUBMISSION SECRET RESULTS

runs the checks of the folder SUITE against the module in the folder SUBMISSION, compares with the file REFERENCE, draws
the inputs from SECRET (hexadecimal) and writes RESULTS (results.json). One fresh process per submission, no sandbox.
"""

from __future__ import annotations

import importlib
import sys
import unittest
from pathlib import Path

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

from tests.benchmarks.checks import PlainCheck, PlainStudent, bound, load_checks, load_module, load_probes, seeds


def main(suite: Path, reference: Path, submission: Path, secret: str, results: Path) -> None:
    """Grade one submission."""
    sys.path.insert(0, str(submission))
    probes = load_probes(suite)
    student = PlainStudent(importlib.import_module(reference.stem), probes=probes)
    expected = load_module("reference", reference)
    expected.probes = bound(probes, expected)  # type: ignore[attr-defined]
    number = seeds(bytes.fromhex(secret))
    methods = {check.name: _method(check, student, expected, number) for check in load_checks(suite)}
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(type("TestHomework", (unittest.TestCase,), methods))
    with results.open("w") as stream:
        JSONTestRunner(stream=stream, visibility="visible").run(tests)


def _method(check: PlainCheck, student: PlainStudent, reference, number):
    def method(_self):
        check.run(student, reference, number)

    method.__dict__.update({key: value for key, value in vars(check.function).items() if key.startswith("__")})
    method.__doc__ = check.function.__doc__
    return method


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(Path(arguments[0]), Path(arguments[1]), Path(arguments[2]), arguments[3], Path(arguments[4]))
