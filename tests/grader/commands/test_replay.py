"""Where a grading is repeated. That it comes out the same: `test_classrun`, and in containers `make test-docker`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.commands import replay
from grader.errors import InfraError, UsageError
from grader.report.build import build
from grader.sandbox import bubblewrap, container, in_container, namespaces
from grader.sandbox.where import WhereToGrade
from tests.grader import toy as toys


@pytest.fixture
def report(toy, zygote):
    return build(toy.assignment, *toys.grade_all(toy, zygote, toys.correct()))


@pytest.fixture
def offers(monkeypatch):
    """A machine on which these tiers are to be had; containers by these engines."""

    def make(*tiers: str, engines: tuple[str, ...] = ("docker",)) -> None:
        for name, module in (("bubblewrap", bubblewrap), ("namespaces", namespaces), ("in-container", in_container)):
            monkeypatch.setattr(module, "missing", lambda _where=None, name=name: "" if name in tiers else "not here")
        there = "container" in tiers
        monkeypatch.setattr(
            container,
            "missing",
            lambda where: "" if there and where.engine in (None, *engines) else "no engine",
        )

    return make


def graded_in(report, tier):
    return report.model_copy(update={"provenance": replace(report.provenance, isolation=tier)})


@pytest.mark.parametrize(
    ("was", "there", "where"),
    [
        ("container", ("bubblewrap", "container"), "container"),
        ("bubblewrap", ("bubblewrap", "container"), "bubblewrap"),
        ("in-container", ("in-container",), "in-container"),
        ("container", ("namespaces",), "namespaces"),
        ("none", ("namespaces", "container"), "namespaces"),
    ],
)
def test_where_it_was_graded_if_that_is_to_be_had(report, offers, was, there, where):
    offers(*there)
    assert replay.place_of(graded_in(report, was)).tier == where


def test_what_is_asked_for_comes_first_and_is_not_replaced(report, offers):
    offers("bubblewrap", "container")
    assert replay.place_of(graded_in(report, "bubblewrap"), WhereToGrade(engine="docker")).tier == "container"
    assert replay.place_of(graded_in(report, "container"), WhereToGrade("bubblewrap")).tier == "bubblewrap"
    with pytest.raises(InfraError, match="container: no engine"):
        replay.place_of(graded_in(report, "container"), WhereToGrade(engine="podman"))
    with pytest.raises(UsageError, match="isolation container"):
        replay.place_of(report, WhereToGrade("bubblewrap", "docker"))


def test_another_place_and_another_torch_are_told(report, toy):
    again = graded_in(report, "container")
    again = again.model_copy(update={"provenance": replace(again.provenance, torch="9.0")})
    assert replay.notes(report, report, toy) == []
    assert replay.notes(report, again, toy) == [
        f"It was graded with torch {report.provenance.torch}; this is 9.0.",
        f"It was graded in the tier {report.provenance.isolation}, and repeated in container.",
    ]
