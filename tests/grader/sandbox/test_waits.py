"""What is said of a wait that ran out, and where."""

from __future__ import annotations

import logging
import subprocess
import sys

from grader.sandbox import waits


def test_it_is_said_to_whoever_listens(caplog):
    waits.ran_out("a fork's end", 1.0)
    assert caplog.record_tuples == [("grader.sandbox.waits", logging.WARNING, "waited 1 s in vain for a fork's end")]


def test_a_run_keeps_it_in_a_file_that_is_made_when_there_is_something_to_say(tmp_path):
    code = (
        "import sys; from pathlib import Path; from grader.sandbox import waits; path = Path(sys.argv[1]); waits.keep(path); "
        "assert not path.exists(); waits.ran_out('the end', 2)"
    )
    file = tmp_path / waits.FILE
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert file.read_text().endswith("waited 2 s in vain for the end\n")
