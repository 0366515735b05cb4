"""Pages and tables without names."""

from __future__ import annotations

import re

from grader.commands import gradebook
from tests.grader.commands.runs import made
from tests.grader.commands.test_feedback import HAND_INS, ROSTER


def test_no_name_is_in_any_file_and_staff_keep_the_key(tmp_path, capsys):
    run = made(tmp_path / "run", HAND_INS, ROSTER, {"leeada_5001": 5, "wang_61001": 3, "roe": 0})
    assert gradebook.run([run], tmp_path / "out", anonymous=True) == 0
    files = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".csv", ".html")]
    assert len(files) > 4
    for path in files:
        text = path.read_text("utf-8-sig")
        for secret in ("Ada", "小明", "Roe", "leeada", r"(?<![\d.])61001(?!\d)", r"_5001", r"x\.example", "wang"):
            assert not re.search(secret, text), (path.name, secret)  # a picture's coordinates may hold any digits
    key = (run / "_staff" / "key.csv").read_text()
    assert "s1," in key
    assert (run / "_staff" / "key.csv").stat().st_mode & 0o077 == 0
    assert "student-1" in (tmp_path / "out" / "gradebook" / "gradebook.csv").read_text("utf-8-sig")
    assert "The key, for staff only" in capsys.readouterr().out
