"""What `make test-docker` compares: each place tries what enters a sandbox, and the first one all of the corpus."""

from __future__ import annotations

from tests.containers.same import OUTSIDE, differences, hostile, page
from tests.hostile import beside, corpus


def row(group: str, **said) -> dict:
    return {
        "class": group,
        "attack": "a",
        "sentence": "Does it.",
        "here": False,
        "verdicts": ["failed"],
        "faults": [],
    } | said


STALL, ARCHIVE = row("stall"), row("unpack itself")
GRADES = {"ada": [10.0, ["passed"]]}


def test_what_is_tried_once_is_what_never_enters_a_sandbox(tmp_path):
    attacks = corpus.load()
    assert {attack.group for attack in attacks if attack.here is not None} == set(OUTSIDE)
    assert {attack.group for attack in attacks if attack.here is None}.isdisjoint(OUTSIDE)
    assert "--in-sandbox" in hostile("docker", tmp_path)
    assert "--in-sandbox" not in hostile("bubblewrap", tmp_path)


def test_the_same_is_the_same():
    found = {"bubblewrap": (GRADES, [STALL, ARCHIVE]), "docker": (GRADES, [STALL])}
    assert differences(found) == []
    assert "| unpack itself | 0 of 1 |  |" in page(found)


def test_what_differs_is_said():
    other, fault = {"ada": [9.0, ["failed"]]}, row("stall", faults=["it succeeds here"])
    assert differences({"bubblewrap": (GRADES, [STALL]), "docker": (other, [fault])}) == [
        "docker: ada gets [9.0, ['failed']]",
        "docker: stall/a: it succeeds here",
    ]
    assert differences({"bubblewrap": (GRADES, [STALL]), "docker": (GRADES, [])}) == [
        "docker: other attacks than on bubblewrap"
    ]


def test_two_judges_at_once_try_what_enters_a_sandbox():
    assert {attack.group for attack in beside.chosen("")} == {attack.group for attack in corpus.load()} - set(OUTSIDE)
    assert {attack.group for attack in beside.chosen("stall/")} == {"stall"}
