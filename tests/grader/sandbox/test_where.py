"""Where to grade: one thing from the options to the sandbox."""

from __future__ import annotations

import pytest

from grader.sandbox.where import ANYWHERE, WhereToGrade


@pytest.mark.parametrize(
    ("was", "changes", "now"),
    [
        (ANYWHERE, {}, ANYWHERE),
        (ANYWHERE, {"tier": None, "strict": None}, ANYWHERE),
        (WhereToGrade(engine="docker", strict=True), {"tier": "bubblewrap"}, WhereToGrade("bubblewrap", strict=True)),
        (WhereToGrade("bubblewrap"), {"engine": "podman"}, WhereToGrade(engine="podman")),
        (ANYWHERE, {"tier": "container", "engine": "docker"}, WhereToGrade("container", "docker")),
        (WhereToGrade(strict=True), {"strict": False}, ANYWHERE),
        (WhereToGrade(gpu=1, device="cuda"), {"device": "cpu"}, ANYWHERE),
        (WhereToGrade(gpu=1), {"device": "cpu"}, WhereToGrade(gpu=1)),
    ],
)
def test_what_is_given_stands_in_for_what_was(was, changes, now):
    assert was.but(**changes) == now


def test_who_has_the_gpu():
    shared, apart = WhereToGrade(gpu=1), WhereToGrade(gpu=1, device="cuda")
    assert (shared.of_checks.gpu, shared.trains_apart) == (1, False)
    assert (apart.of_checks.gpu, apart.of_trainings.gpu, apart.trains_apart) == (None, 1, True)
    assert WhereToGrade(device="cuda").of_trainings.gpu == 0
