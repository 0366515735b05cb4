"""The smallest input on which a submission is wrong."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import torch

from grader.errors import StudentError
from grader.homework import homework_names, load_homework
from grader.judging import examples as module
from grader.judging.answers import Model, Reply, reference_of
from grader.judging.asked import Outline
from grader.judging.examples import BATCHES, CALLS, Candidate, Examples, Told, rank
from grader.outcome import Verdict
from tests.grader.toy import SUITE, grade_all, homework, submission, with_double, write
from tests.hostile.here import ROOT

INPUTS = """
def double(draw):
    return draw.call(draw.tensor(*(draw.size() for _ in range(draw.whole(0, 2)))))


def shift(draw):
    return draw.call(draw.tensor(draw.size()))
"""
TRIPLED = '"""You tripled."""\nimport torch\nPARTS = ("double",)\n\n\ndef double(x):\n    return 3 * x\n'
DECLARED = [name for name in homework_names(ROOT) if (ROOT / "assignments" / name / "inputs.py").exists()]


def course(folder, suite=SUITE, inputs=INPUTS, mistakes=None):
    toy = homework(folder, suite, mistakes)
    write(toy.public / "inputs.py", inputs)
    write(toy.public / "toy.py", "def double(x):\n    pass\n\n\ndef shift(x):\n    pass\n")
    return toy


@pytest.fixture
def small(tmp_path):
    return course(tmp_path, mistakes={"tripled": TRIPLED})


def found(grading):
    return {outcome.check.name: outcome.example for outcome in grading.outcomes if outcome.example}


def engine(toy):
    return Examples(toy, reference_of(toy), Outline(toy))


@pytest.mark.parametrize("body", ["return 3 * x", "return 2 * x + 1"])  # a known mistake, and an unknown one
def test_the_smallest_input_is_shown_once_for_a_cause(small, zygote, body):
    (grading,) = grade_all(small, zygote, with_double(body))
    (example,) = found(grading).values()
    assert example.function == "double"
    assert example.numbers == 1
    assert example.is_small
    assert [one.name for one in example.inputs] == ["x"]
    assert "from toy import double" in example.snippet


def test_the_snippet_shows_it_at_home(small, zygote, tmp_path, capsys):
    (grading,) = grade_all(small, zygote, with_double("return 3 * x"))
    (example,) = found(grading).values()
    space = {"__name__": "here"}
    source = example.snippet.replace("from toy import double", "double = lambda x: 3 * x")
    exec(source, space)
    said = eval(capsys.readouterr().out.replace("tensor", "torch.tensor"), {"torch": torch})
    assert torch.equal(said, eval(example.yours.text, {"torch": torch}))
    assert torch.equal(said, 3 * space["x"])
    assert torch.equal(eval(example.expected.text, {"torch": torch}), 2 * space["x"])


def test_the_inputs_are_no_input_of_the_hidden_suite(small, zygote):
    asked = []
    (grading,) = grade_all(small, zygote, with_double("asked = x.shape; return 3 * x"))
    (example,) = found(grading).values()
    asked = {outcome.asked.call for outcome in grading.outcomes if outcome.asked}
    assert asked
    assert all(value == round(value) for value in eval(example.inputs[0].text, {"torch": torch}).flatten().tolist())


def test_all_right_and_not_written_have_none(small, zygote):
    right, missing = grade_all(small, zygote, with_double("return 2 * x"), with_double("raise NotImplementedError"))
    assert found(right) == found(missing) == {}


def test_an_exception_and_a_changed_input_are_shown(tmp_path, zygote):
    suite = SUITE + (
        "\n\n@part('shift')\n@weight(0.5)\ndef test_alone(student):\n    '''It changes nothing.'''\n"
        "    leaves_inputs_alone(student.shift, torch.ones(2))\n"
    )
    toy = course(tmp_path, suite.replace("@weight(2)", "@weight(1.5)"))
    raises = with_double("return x[99]")
    changes = submission("def double(x): return 2 * x\n\ndef shift(x):\n    x += 1\n    return x\n", "changes")
    first, second = grade_all(toy, zygote, raises, changes)
    (example,) = found(first).values()
    assert example.yours.text.startswith("raises IndexError")
    (example,) = found(second).values()
    assert "changes its input" in example.says


OTHERWISE = "return 3 * x if x.numel() in (4, 6) else 5 * x"  # as who triples in all that the suite asks


def named(grading):
    return {outcome.diagnosis.mistake for outcome in grading.outcomes if outcome.diagnosis}


def test_a_diagnosis_that_small_inputs_contradict_is_not_said(small, zygote):
    tripled, otherwise = grade_all(small, zygote, with_double("return 3 * x"), with_double(OTHERWISE))
    assert (named(tripled), named(otherwise)) == ({"tripled"}, set())
    assert [one.earned for one in otherwise.outcomes] == [one.earned for one in tripled.outcomes]
    assert found(otherwise)


def test_what_is_left_to_chance_contradicts_no_diagnosis(tmp_path, zygote):
    chance = TRIPLED.replace("return 3 * x", "return 3 * x if x.numel() in (4, 6) else torch.rand(x.shape)")
    (grading,) = grade_all(course(tmp_path, mistakes={"tripled": chance}), zygote, with_double(OTHERWISE))
    assert named(grading) == {"tripled"}


def test_what_the_handout_leaves_open_contradicts_no_diagnosis(small, zygote):
    right = "def double(x):\n    return 2 * x + (x.numel() not in (4, 6))\n\n\ndef shift(x):\n    return x + 1\n"
    write(small.reference / "alternatives" / "other.py", right)  # a correct solution, that answers otherwise there
    (grading,) = grade_all(small, zygote, with_double(OTHERWISE))
    assert named(grading) == {"tripled"}


@pytest.mark.parametrize("mark", ["@visibility('after_due_date')", "@visibility('hidden')"])
def test_only_a_visible_check_has_an_example(tmp_path, zygote, mark):
    suite = "from gradescope_utils.autograder_utils.decorators import visibility\n\n" + SUITE.replace(
        "@part", f"{mark}\n@part"
    )
    (grading,) = grade_all(course(tmp_path, suite), zygote, with_double("return 3 * x"))
    assert found(grading) == {}


def test_staff_can_switch_it_off_for_a_part(tmp_path, zygote):
    toy = course(tmp_path)
    parts = tuple(part.model_copy(update={"examples": "never"}) for part in toy.assignment.parts)
    toy.__dict__["assignment"] = toy.assignment.model_copy(update={"parts": parts})
    (grading,) = grade_all(toy, zygote, with_double("return 3 * x"))
    assert found(grading) == {}


def test_it_costs_no_point_whatever_fails(small, zygote, monkeypatch):
    def fails(*_):
        raise RuntimeError("a declaration of inputs may be wrong")

    plain, *_ = grade_all(small, zygote, with_double("return 3 * x"))
    monkeypatch.setattr(Examples, "_find", fails)
    (grading,) = grade_all(small, zygote, with_double("return 3 * x"))
    assert [one.verdict for one in grading.outcomes] == [one.verdict for one in plain.outcomes]
    assert [one.earned for one in grading.outcomes] == [one.earned for one in plain.outcomes]
    assert any("a declaration of inputs may be wrong" in one.staff_detail for one in grading.outcomes)


def test_an_endless_loop_on_small_inputs_ends_the_search(small, zygote):
    loop = with_double("while x.numel() < 4 and float(x.sum()) == round(float(x.sum())): pass\nreturn 3 * x")
    started = time.monotonic()
    (grading,) = grade_all(small, zygote, loop)
    assert time.monotonic() - started < 6
    assert [one.verdict for one in grading.outcomes][-1] is Verdict.PASSED


def test_when_a_submissions_time_is_over_none_is_looked_for(small, zygote):
    (grading,) = grade_all(small, zygote, with_double("return 3 * x"))
    over = SimpleNamespace(problem=None, deadline=time.monotonic())
    assert engine(small).find(grading.outcomes, over, lambda _: ()) == list(grading.outcomes)


def candidates(count):
    return [Candidate("double", (torch.ones(i + 1),), {}, i + 1, True) for i in range(count)]


def test_the_caps_hold_for_all_causes_together(small):
    asked: list[int] = []

    def ask(some):
        asked.append(len(some))
        return [Reply(2 * one.args[0], None, ()) for one in some]

    assert engine(small).search({i: candidates(99) for i in range(5)}, ask) == {}
    assert len(asked) == BATCHES
    assert sum(asked) <= CALLS


def test_when_the_time_of_all_batches_is_over_nothing_more_is_asked(small):
    engine_ = engine(small)
    engine_._end = time.monotonic() - 1
    assert engine_._ask(SimpleNamespace(foresee=lambda *_: None, overtime=None), candidates(2)) == []


def test_of_several_causes_each_is_tried_with_small_inputs_and_with_large_ones(small):
    def ask(some):
        return [Reply(2 * one.args[0] + (one.numbers > 30), None, ()) for one in some]

    assert set(engine(small).search({i: candidates(40) for i in range(4)}, ask)) == {0, 1, 2, 3}


def test_what_is_found_early_is_made_smaller_by_the_batches_that_are_left(small):
    def ask(some):
        return [Reply(2 * one.args[0] + (one.numbers > 12), None, ()) for one in some]

    found = engine(small).search({i: candidates(40) for i in range(4)}, ask)
    assert [example.numbers for example in found.values()] == [13] * 4


def test_of_several_that_tell_the_smallest_is_taken(small):
    def ask(some):
        return [Reply(2 * one.args[0] + (one.numbers > 3), None, ()) for one in some]

    assert engine(small).search({7: candidates(9)}, ask)[7].numbers == 4


def test_what_was_not_answered_in_time_ends_it(small):
    assert engine(small).search({0: candidates(40)}, lambda some: [None] * (len(some) - 1)) == {}


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(torch.tensor([2.0]), None, ()), None),
        (Reply(torch.tensor([2.0 + 1e-7]), None, ()), None),  # rounding
        (Reply(torch.tensor([2.001]), None, ()), None),  # ten times the tolerance, and no more
        (Reply(torch.tensor([3.0]), None, ()), "the result is wrong in all of its elements"),
        (Reply(torch.tensor(2.0), None, ()), "the result has shape (); (1,) is asked for"),
        (Reply(None, None, ()), "the result is None; a torch.Tensor is asked for"),
        (Reply(None, StudentError(Verdict.TIMEOUT, "no"), ()), None),
        (Reply(None, StudentError(Verdict.ERROR, "KeyError: 1", "KeyError"), ()), "it raises KeyError"),
    ],
)
def test_what_tells(small, reply, says):
    told = engine(small).told(Candidate("double", (torch.tensor([1.0]),), {}, 1, True), reply)
    assert (told and told.says) == says


def test_which_of_several_answers_is_wrong_is_said(small):
    reply = Reply((torch.tensor([2.0]), torch.tensor([5.0])), None, ())
    told = engine(small).told(Candidate("both", (torch.tensor([1.0]),), {}, 1, True), reply)
    assert told is not None
    assert (told.says, told.output) == ("`answer[1]` is wrong in all of its elements", "answer[1]")


def test_where_another_correct_solution_differs_nothing_is_said(tmp_path):
    toy = homework(tmp_path)
    write(toy.reference / "alternatives" / "other.py", "def double(x):\n    return 2 * x if x.sum() < 3 else x\n")
    some = Examples(toy, reference_of(toy), Outline(toy))
    small, large = (Candidate("double", (torch.tensor([x]),), {}, 1, True) for x in (1.0, 5.0))
    wrong = Reply(torch.tensor([100.0]), None, ())
    assert some.told(small, wrong) is not None
    assert some.told(large, wrong) is None


def test_numbers_that_a_person_reads_come_first():
    told = Told("", torch.tensor([1.0]), torch.tensor([2.0]))
    few, many, odd = (
        Candidate("f", (torch.tensor(values),), {}, len(values), True) for values in ([1.0], [1.0, 2.0], [0.123])
    )
    assert sorted([odd, many, few], key=lambda one: rank(one, told)) == [few, many, odd]


@pytest.mark.long
@pytest.mark.parametrize("name", DECLARED)
def test_no_correct_solution_is_told_an_example(name):
    real = load_homework(ROOT, name)
    some = engine(real)
    assert some._alternatives or not real.alternatives
    for declared in some._drawers:
        assert some.candidates(declared), declared
        for one in module._spread([some.candidates(declared)], 40):
            for model in some._alternatives:
                assert isinstance(model, Model)
                assert some.told(one, module._reply(model, one)) is None


def test_what_the_suite_asked_ahead_in_vain_is_taken_for_no_answer(small, zygote):
    """The first submission teaches what is asked ahead; the second fails before it asks for all of that."""
    right, wrong = grade_all(
        small, zygote, with_double("return 2 * x"), with_double("return x * 2 if x.dim() < 2 else 3 * x")
    )
    assert found(right) == {}
    (example,) = found(wrong).values()
    assert example.yours.text != example.expected.text
    assert len(example.inputs[0].planes[0]) >= 1
    assert "×" in example.inputs[0].form  # two axes: of fewer it is right
