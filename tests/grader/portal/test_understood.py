"""What is said of an upload before it counts, also of one that is made to hurt who reads it."""

from __future__ import annotations

import pytest

from grader.portal.understood import understood

STARTER = {"hw0.py": "def double(x): ...\nasync def shift(x): ...\nclass Net: ...\nX = 1\n"}


@pytest.mark.parametrize(
    ("source", "missing", "fault"),
    [
        ("def double(x): pass\nclass Net: pass\ndef shift(x): pass\n", {}, ""),
        ("def double(x): pass\n", {"hw0.py": ["shift", "Net"]}, ""),
        ("def double(x:\n", {}, "hw0.py, line 1: the syntax is wrong"),
        ("x = 1\0", {}, "hw0.py: the syntax is wrong"),
        ("raise SystemExit(3)\n", {"hw0.py": ["double", "shift", "Net"]}, ""),
    ],
)
def test_what_the_starter_has_is_looked_for(source, missing, fault):
    told = understood({"hw0.py": source.encode()}, STARTER)
    assert (told["missing"], told["wanted"], told["fault"]) == (missing, 3, fault)
    assert told["files"] == [["hw0.py", len(source)]]


@pytest.mark.parametrize(
    "source", ["x = " + "-" * 300_000 + "1", "(" * 100_000, "9" * 1_000_000, "x = 1\n" + "x.y" * 300_000]
)
def test_a_source_that_is_made_to_exhaust_the_parser_ends_only_its_own_process(source):
    told = understood({"hw0.py": source.encode()}, STARTER)
    assert told["fault"] or told["missing"]
