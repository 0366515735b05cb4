"""A measured accuracy in words, and its drawings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.outcome import Curve, Measurement
from grader.report.measured import advice, facts, gauge, lines


def measurement(accuracy=0.3, *curves, false_fail=5e-5):
    return Measurement(
        training="lenet",
        data="digits",
        device="cpu",
        accuracies=(accuracy,),
        seconds=(2.0,),
        accuracy=accuracy,
        none_at=0.5,
        full_at=0.9,
        mean=0.95,
        sd=0.01,
        runs=20,
        false_fail=false_fail,
        curves=tuple(Curve(name, values) for name, values in curves),
    )


@pytest.mark.parametrize(
    ("accuracy", "losses", "words"),
    [
        (0.1, (2.3, 4.0, 9.0), "grows"),
        (0.1, (2.3, 2.31, 2.3, 2.3), "hardly moves"),
        (0.4, (2.3, 1.0, 1.0, 1.0, 1.0), "beginning only"),
        (0.3, (2.3, 1.9, 1.5, 1.0, 0.5), "belong together"),
        (0.95, (2.3, 4.0, 9.0), ""),  # what has all points needs no advice
        (0.8, (2.3, 1.9, 1.5, 1.0, 0.5), ""),
        (0.3, (2.3, 1.0), ""),
    ],
)
def test_what_a_loss_says(accuracy, losses, words):
    said = advice(measurement(accuracy, ("loss", losses)))
    assert words in said
    assert bool(said) == bool(words)


def test_without_a_loss_nothing_is_said():
    assert advice(measurement(0.3, ("accuracy", (0.1, 0.1, 0.1)))) == ""


def test_a_share_is_drawn_from_none_to_all():
    accuracy, loss = lines(measurement(0.3, ("acc", (0.4, 0.45)), ("loss", (2.5, 1.25))))
    assert (accuracy.low, accuracy.high, accuracy.steps) == ("0", "1", 2)
    assert (loss.low, loss.high) == ("0", "2.5")


def test_the_references_curve_is_drawn_in_the_same_axes():
    known = replace(measurement(0.3, ("loss", (2.0, 1.0)), ("acc", (0.1, 0.2))), reference=(Curve("loss", (4.0, 0.0)),))
    loss, accuracy = lines(known)
    assert (loss.high, loss.path, loss.reference) == ("4", "M3.0 32.0L229.0 46.5", "M3.0 3.0L229.0 61.0")
    assert accuracy.reference == ""


def test_without_a_curve_of_its_own_the_references_is_drawn():
    (loss,) = lines(replace(measurement(), reference=(Curve("loss", (4.0, 0.0)),)))
    assert (loss.path, loss.reference, loss.first, loss.last) == ("", "M3.0 3.0L229.0 61.0", "4", "0")


def test_bad_luck_is_told_in_words():
    assert dict(facts(measurement()))["Bad luck"].endswith("less than once in 20,000")
    assert "cannot" in dict(facts(measurement(false_fail=0.0)))["Bad luck"]


def test_where_the_accuracy_lies():
    found = gauge(measurement(0.3))
    assert (found.accuracy, found.none_at, found.full_at, found.reference) == (300, 500, 900, 950)
    assert found.words.startswith("Accuracy 30.0%; no points up to 50.0%")
