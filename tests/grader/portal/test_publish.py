"""The class page and the gradebook, made from what the grading process wrote."""

from __future__ import annotations

import io
import zipfile

import pytest

from grader.errors import UsageError
from grader.portal import publish as module
from grader.portal.course import LEDGER, run_folder
from tests.grader.portal.test_grading import Graded


@pytest.mark.long
def test_the_class_page_and_the_gradebook_say_what_the_ledger_has(site, tmp_path, monkeypatch):
    number = site.hand_in("ada")
    Graded(site, tmp_path, monkeypatch).serve()
    page = site.browser("tom").get("/staff/class/hw0")
    assert page.status_code == 200, page.text
    assert "Ada A" in page.text
    assert "ada_attempt1/report.html" in page.text  # which leads to …
    assert (
        site.browser("tom").get("/staff/class/hw0/ada_attempt1/report.html").headers["location"]
        == f"/staff/hand-ins/{number}"
    )
    assert "allow-scripts" in page.headers["content-security-policy"]  # it sorts its table
    assert "allow-same-origin" not in page.headers["content-security-policy"]
    packed = site.browser("tom").get("/staff/gradebook/hw0")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert "ada" in archive.read("gradebook.csv").decode()
    assert not (run_folder(site.state, "hw0") / "class.html").exists()  # what `grade` writes stays as it is


def test_before_anything_was_graded_there_is_nothing(site):
    with pytest.raises(UsageError, match="Nothing was graded"):
        module.publish(site.state, site.course, "hw0")
    assert not (site.state / LEDGER).exists()
    assert site.browser("tom").get("/staff/class/hw0").status_code == 404
