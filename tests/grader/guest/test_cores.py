"""Cores apart: which are whose, and that a run's only worker has its submissions there."""

import os

import pytest

from grader.guest.cores import divided
from grader.sandbox.opening import open_sandbox
from tests.grader.toy import grade_all, with_double


@pytest.mark.parametrize(
    ("cores", "own", "forks"),
    [({0}, {0}, {0}), ({0, 1}, {0}, {1}), ({7, 2, 4}, {2}, {4, 7}), ({0, 1, 2, 3}, {0, 1}, {2, 3})],
)
def test_halves(cores, own, forks):
    """One core is for both; of an odd number submissions have more."""
    assert divided(cores) == (own, forks)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="NOT TESTED: this machine has one core")
@pytest.mark.parametrize("apart", [True, False])
def test_where_submissions_run(toy, apart):
    """On the other half of the cores than the zygote, if they are to be apart, and else on any."""
    every = os.sched_getaffinity(0)
    tells = with_double("raise ValueError(' '.join(map(str, sorted(os.sched_getaffinity(0)))))", "import os")
    with open_sandbox(toy.assignment, apart=apart) as zygote:
        assert zygote._sandbox is not None
        zygotes = os.sched_getaffinity(zygote._sandbox.signed)
        (grading,) = grade_all(toy, zygote, tells)
    own, forks = divided(every) if apart else (every, every)
    assert zygotes == own
    assert f"ValueError: {' '.join(map(str, sorted(forks)))} (" in grading.outcomes[0].message
