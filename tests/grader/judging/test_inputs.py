"""Inputs that a homework declares."""

from __future__ import annotations

import types

import pytest
import torch

from grader.homework import homework_names, load_homework, module_from_source
from grader.judging.inputs import Draw, experiments
from tests.grader.toy import homework, write
from tests.hostile.here import ROOT

DECLARED = [name for name in homework_names(ROOT) if (ROOT / "assignments" / name / "inputs.py").exists()]


def test_a_draw_is_the_same_for_the_same_number():
    one, other = (Draw(7) for _ in range(2))
    drawn = [(d.whole(1, 9), d.size(), d.flag(), d.number(), d.tensor(2, 3), d.positive(4)) for d in (one, other)]
    assert all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in zip(*drawn, strict=True))


def test_values_stay_within_what_was_asked_for():
    draw = Draw(1)
    assert {draw.size(1, 3) for _ in range(200)} == {1, 2, 3}
    assert all(-1 <= draw.number(-1, 1) <= 1 for _ in range(200))
    assert all((draw.positive(5) > 0).all() for _ in range(50))
    assert {int(one) for _ in range(50) for one in draw.labels(4, 3)} == {0, 1, 2}
    kinds = [draw.tensor(3) for _ in range(400)]
    assert any(not one.any() for one in kinds)
    assert any(one.abs().max() > 100 for one in kinds)
    assert any(0 < one.abs().max() < 1e-4 for one in kinds)


def test_a_drawer_is_asked_for_arguments_or_is_an_experiment(tmp_path):
    toy = homework(tmp_path)
    assert experiments(toy) == {}
    text = "def _own(draw):\n    pass\n\ndef double(draw):\n    return draw.call(draw.whole(3, 3))\n"
    write(toy.public / "inputs.py", text + "\ndef both(draw, hw):\n    return hw.double(4)\n")
    found = experiments(toy)
    assert set(found) == {"double", "both"}
    module = types.SimpleNamespace(double=lambda x: 2 * x)
    assert found["double"](Draw(0), module) == (6, (3,), {})
    assert found["both"](Draw(0), module) == 8


@pytest.mark.long
@pytest.mark.parametrize("name", DECLARED)
def test_the_reference_answers_what_its_homework_declares(name):
    made = load_homework(ROOT, name)
    module = module_from_source(f"answers_{name}", made.reference_source, f"{name}.py")
    for experiment, use in experiments(made).items():
        answered = 0
        for number in range(30):
            torch.manual_seed(number)
            try:
                use(Draw(number), module)
            except ValueError:  # a documented error is within what may be drawn
                continue
            answered += 1
        assert answered, experiment
