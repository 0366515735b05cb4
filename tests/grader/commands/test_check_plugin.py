"""The plugin is pytest's to run, so these tests run pytest with it; `test_check` covers it in its place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def outcomes(tmp_path):
    """Run pytest on a test file and return what the plugin wrote: sentence → (outcome, message)."""

    def run(source: str) -> dict[str, tuple[str, str]]:
        (tmp_path / "test_it.py").write_text(source)
        out = tmp_path / "results.json"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "grader.commands.check_plugin",
            "-p",
            "no:cacheprovider",
            "test_it.py",
        ]
        environment = {"GRADER_CHECK_RESULTS": str(out), "PYTHONPATH": str(ROOT), "PATH": ""}
        subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
        return {entry["sentence"]: (entry["outcome"], entry["message"]) for entry in json.loads(out.read_text())}

    return run


def test_each_phase_counts(outcomes):
    found = outcomes(
        "import pytest\n"
        "@pytest.fixture\ndef broken():\n    raise ValueError('set-up')\n"
        "@pytest.fixture\ndef untidy():\n    yield\n    raise ValueError('tear-down')\n"
        "def test_a(broken):\n    '''Set-up.'''\n"
        "def test_b(untidy):\n    '''Tear-down.'''\n"
        "def test_c():\n    '''Call.'''\n    assert 1 == 2, 'one is not two'\n"
        "def test_d():\n    '''Fine.'''\n"
        "def test_e():\n    '''Skipped.'''\n    pytest.skip('not today')\n"
    )
    assert found.pop("Skipped.")[0] == "skipped"
    assert found == {
        "Set-up.": ("failed", "ValueError: set-up  (test_it.py, line 4)"),
        "Tear-down.": ("failed", "ValueError: tear-down  (test_it.py, line 8)"),
        "Call.": ("failed", "one is not two  (test_it.py, line 15)"),
        "Fine.": ("passed", ""),
    }


def test_parameters_and_tests_without_a_docstring_are_named(outcomes):
    found = outcomes("import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n):\n    pass\n")
    assert list(found) == ["test_it[1] [1]", "test_it[2] [2]"]


def test_a_file_that_does_not_import_is_a_failed_check(outcomes):
    assert outcomes("import nothing_of_that_name\n") == {
        "The module can be imported.": ("failed", "ModuleNotFoundError: No module named 'nothing_of_that_name'")
    }


def test_a_check_that_ends_python_is_the_one_that_did_not_end(outcomes):
    found = outcomes("import os\ndef test_a():\n    '''A.'''\n    os._exit(0)\ndef test_b():\n    '''B.'''\n")
    assert [outcome for outcome, _ in found.values()] == ["did not end", "not run"]


def test_a_module_that_ends_python_does_not_import(outcomes):
    assert outcomes("import sys\nsys.exit(0)\n") == {
        "The module can be imported.": (
            "failed",
            "It ends Python with an exit() when it is imported  (test_it.py, line 2)",
        )
    }
