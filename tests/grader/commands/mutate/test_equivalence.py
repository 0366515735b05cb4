"""Inputs that tell a mutant from the original, and the list of those that none does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grader.commands.mutate.equivalence import Equivalent, Witness, read, same, witnesses
from grader.commands.mutate.operators import Mutant, mutants, sabotaged
from grader.spec import SpecError
from tests.grader.toy import homework, write

REFERENCE = """
import torch

def double(x):
    return 2 * x

def shift(x, by=1):
    return x + by

def unused(x):
    return x + 0
"""
INPUTS = """
def double(draw):
    return draw.call(draw.tensor(draw.size(), draw.size()))

def shift(draw):
    return draw.call(draw.tensor(2), draw.number()) if draw.flag() else draw.call(draw.tensor(2))

def twice(draw, hw):
    x = draw.tensor(2)
    return [hw.double(hw.double(x)), x]
"""


@pytest.fixture
def toy(tmp_path):
    made = homework(tmp_path, reference=REFERENCE)
    write(made.public / "inputs.py", INPUTS)
    return made


def mutant(toy, after: str) -> Mutant:
    return next(one for one in mutants(toy.reference_source) if one.after == after)


def seen(toy, *chosen: Mutant, inputs: int = 200) -> list[Witness]:
    course = toy.public.parent.parent
    source = toy.reference_source
    return witnesses(course, "toy", source, chosen, sabotaged(source), inputs=inputs, jobs=1)


@pytest.mark.long
def test_inputs_tell_another_program_apart(toy):
    found = seen(toy, mutant(toy, "return 3 * x"), mutant(toy, "return x - by"))
    assert [one.experiment for one in found] == ["double", "shift"]
    squeezed = next(one for one in mutants(toy.reference_source) if one.function == "double" and "squeeze" in one.after)
    assert seen(toy, squeezed)[0].experiment == "double"


@pytest.mark.long
def test_what_no_input_tells_apart_is_said_with_their_number(toy):
    same_program = replace(mutant(toy, "return 3 * x"), source=toy.reference_source.replace("2 * x", "x * 2"))
    (found,) = seen(toy, same_program)
    assert found == Witness(200)
    assert found.sentence == "no difference in 200 inputs"


def test_a_function_that_no_input_reaches_is_said(toy):
    (found,) = seen(toy, mutant(toy, "return x - 0"))
    assert found.sentence == "no declared input reaches it"


@pytest.mark.long
def test_a_change_that_never_comes_to_anything_is_no_mutant(toy):
    wrapped = [one for one in mutants(toy.reference_source) if one.function == "shift" and "dimension" in one.change]
    found = seen(toy, *wrapped)
    assert [one.is_idle for one in found] == [True, True, True, True]  # what is shifted has one dimension of two


def test_nothing_is_said_without_declared_inputs(tmp_path):
    toy = homework(tmp_path, reference=REFERENCE)
    (found,) = seen(toy, mutant(toy, "return 3 * x"))
    assert found == Witness(0)


def test_the_list_names_mutants_by_patterns(toy):
    write(
        toy.reference / "equivalent.toml",
        '[[reference]]\nmutant = "double: return 2 \\u002a x → *"\nreason = "why"\n\n[[other]]\nmutant = "x"\nreason = "y"\n',
    )
    (entry,) = read(toy, "reference")
    assert entry.reason == "why"
    assert entry.matches(mutant(toy, "return 3 * x"))
    assert not entry.matches(mutant(toy, "return x - by"))
    assert read(toy, "nobody") == ()


def test_brackets_in_the_list_are_brackets(toy):
    one = replace(mutant(toy, "return 3 * x"), before="a[0]", after="a[1]")
    assert Equivalent(one.id, "").matches(one)


@pytest.mark.parametrize("text", ["[[reference]", '[[reference]]\nmutant = "x"\n', '[[reference]]\nname = "x"\n'])
def test_a_list_that_cannot_be_read_is_said(toy, text):
    write(toy.reference / "equivalent.toml", text)
    with pytest.raises(SpecError, match=r"equivalent\.toml cannot be read"):
        read(toy, "reference")


ONE = torch.tensor([1.0, 2.0], dtype=torch.float64)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        (ONE, ONE + 1e-12, True),
        (ONE, ONE + 1e-6, False),
        (ONE, ONE.float(), False),
        (ONE, ONE[None], False),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")]), True),
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1, False),
        (True, 1, False),
        ({"a": ONE}, {"a": ONE}, True),
        ({"a": ONE, "b": ONE}, {"b": ONE, "a": ONE}, False),
        ([ONE, 1], [ONE, 1], True),
        ((ONE,), [ONE], False),
        (ValueError, ValueError, True),
        (ValueError, TypeError, False),
        (np.ones(2), np.ones(2), True),
        (None, None, True),
        (None, ONE, False),
        (torch.tensor([]), torch.tensor([]), True),
    ],
)
def test_results_are_the_same_but_for_rounding(one, other, are_same):
    assert same(one, other) is are_same
