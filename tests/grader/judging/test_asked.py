"""How a check asked the student's code, told without a hidden value."""

from __future__ import annotations

import pytest
import torch

from grader.judging.asked import ITEMS, Outline, told
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.student import Handle
from tests.grader.toy import homework

X = torch.full((3, 2), 0.12345, dtype=torch.float64)


@pytest.fixture
def outline(tmp_path):
    toy = homework(tmp_path)
    (toy.public / "toy.py").write_text(
        "class Node:\n    pass\n\n\ndef double(x):\n    pass\n\n\ndef both(x):\n    pass\n"
    )
    (toy.public / "probes.py").write_text("def wired(module, x, k=1):\n    return module.both(x)\n")
    return Outline(toy)


def handle(kind):
    made = object.__new__(Handle)
    made._opaque = type("Opaque", (), {"type_name": kind})()
    return made


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (X, "float64[3×2]"),
        (torch.tensor(2.5), "float32[scalar]"),
        (X.numpy(), "float64[3×2]"),
        (12345, "int"),
        (0.12345, "float"),
        (True, "True"),
        ("mean", "'mean'"),
        (None, "None"),
        ([("n0", "*", "x", 0.12345)], "[('n0', '*', 'x', float)]"),
        ({"w": X}, "{'w': float64[3×2]}"),
        (list(range(99)), f"[{', '.join(['int'] * ITEMS)}, …]"),
    ],
)
def test_a_value_is_told_by_its_form(value, words):
    assert told(value) == words


def test_numbers_beside_a_tensor_and_by_name_are_options(outline):
    call = RecordedCall("double", (X, 2), {"stride": 3, "mode": "max"})
    assert outline.asked([call]).call == "double(x: float64[3×2], 2, stride=3, mode='max')"
    assert outline.asked([RecordedCall("double", (12345,), {})]).call == "double(x: int)"


def test_the_blamed_call_is_told_and_not_a_later_one(outline):
    first, second = RecordedCall("double", (X,), {}), RecordedCall("both", (X,), {})
    assert outline.asked([first, second], first).function == "double"
    assert outline.asked([first, second]).function == "both"


def test_what_the_model_answer_is_made_of(outline):
    assert outline.asked([RecordedCall("both", (X,), {})]).built_on == ("double",)
    assert outline.asked([RecordedCall("double", (X,), {})]).built_on == ()


def test_a_probe_is_about_the_function_that_it_uses(outline):
    asked = outline.asked([RecordedCall("probes.wired", (X, 4), {})])
    assert (asked.function, asked.call) == ("both", "wired(x: float64[3×2], k: 4)")


def test_steps_with_objects_are_told_as_a_program(outline):
    node = handle("Node")
    calls = [
        RecordedCall("Node", (0.12345,), {}, node),
        RecordedCall("Node.mul", (node,), {}, node, target=node, operation="mul"),
        RecordedCall("sub", (0.12345, node), {}, node, operation="sub"),
        RecordedCall("Node.get", ("grad",), {}, 1.0, target=node, operation="get"),
    ]
    asked = outline.asked(calls)
    assert asked.call.split("\n") == ["Node(float)", "Node * Node", "float - Node", "Node.grad"]
    assert asked.function == "Node"


def test_nothing_was_asked(outline):
    assert outline.asked([]).call == ""
