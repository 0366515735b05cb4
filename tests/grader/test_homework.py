"""One homework's files: found, read and checked; every fault is a sentence for staff."""

from __future__ import annotations

import sys
from dataclasses import replace
from textwrap import dedent

import pytest

from grader.homework import find_course, homework_names, load_homework, module_from_source
from grader.spec import SpecError
from tests.grader.toy import REFERENCE, homework, write

MISTAKE = '"""Doubles\n  twice."""\nPARTS = ("double",)\ndef double(x):\n    return 4 * x\n'


def test_reads_the_three_folders(tmp_path):
    toy = homework(tmp_path, mistakes={"twice": MISTAKE})
    write(toy.reference / "alternatives" / "plus.py", "def double(x):\n    return x + x\n")
    assert toy.reference_source == REFERENCE
    assert "NotImplementedError" in toy.starter_source
    assert list(toy.alternatives) == ["plus"]
    assert homework_names(tmp_path) == ["toy"]


def test_course_is_found_from_below(tmp_path):
    toy = homework(tmp_path)
    assert find_course(toy.suite) == tmp_path.resolve()
    assert find_course(tmp_path) == tmp_path.resolve()


def test_no_course(tmp_path):
    with pytest.raises(SpecError, match="no course here"):
        find_course(tmp_path)


def test_unknown_homework_names_the_known_ones(tmp_path):
    homework(tmp_path)
    with pytest.raises(SpecError, match=r"there is no assignment 'hw9'.*there are: toy"):
        load_homework(tmp_path, "hw9")


@pytest.mark.parametrize(("folder", "what"), [("reference", "reference solution"), ("suite", "hidden suite")])
def test_missing_folder(tmp_path, folder, what):
    toy = homework(tmp_path)
    getattr(toy, folder).rename(tmp_path / "elsewhere")
    with pytest.raises(SpecError, match=f"the {what} of toy is missing"):
        load_homework(tmp_path, "toy")


def replacing(*pairs) -> str:
    return f'"""Wrong."""\nPARTS = ("double",)\nREPLACE = {list(pairs)!r}\n'


def test_mistake_is_the_reference_with_another_text(tmp_path):
    toy = homework(tmp_path, mistakes={"three": replacing(("2 * x", "3 * x")), "more": replacing(("x + 1", "x + 2"))})
    more, three = toy.mistakes
    module = module_from_source("toy_replaced", toy.wrong_source([three, more]), "three.py")
    assert (module.double(1), module.shift(1), module.both(1)) == (3, 3, (3, 3))
    del sys.modules["toy_replaced"]
    with pytest.raises(SpecError, match="mistake three: REPLACE: '2 \\* x' is not in the reference"):
        toy.wrong_source([three, three])


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            replacing(("4 * x", "x")),
            "mistake odd: REPLACE: '4 \\* x' is not in the reference; there it has to be once",
        ),
        (
            replacing(("x", "y")),
            "mistake odd: REPLACE: 'x' is 7 times in the reference; there it has to be once",
        ),
        (replacing("2 * x"), "REPLACE is a list of pairs of texts"),
        (replacing(("", "y")), "REPLACE is a list of pairs of texts"),
    ],
)
def test_a_replacement_that_does_not_fit_is_named(tmp_path, mistake, said):
    with pytest.raises(SpecError, match=said):
        assert homework(tmp_path, mistakes={"odd": mistake}).mistakes


def test_mistake_is_the_reference_with_another_function(tmp_path):
    toy = homework(tmp_path, mistakes={"twice": MISTAKE, "alike": MISTAKE + 'FAMILY = "twice"\n'})
    alike, twice = toy.mistakes
    assert (twice.name, twice.sentence, twice.parts, twice.family) == ("twice", "Doubles twice.", ("double",), "twice")
    assert (alike.name, alike.family) == ("alike", "twice")
    module = module_from_source("toy_with_a_mistake", toy.wrong_source([twice]), "twice.py")
    assert (module.double(1), module.shift(1), module.both(1)) == (4, 2, (4, 2))
    assert sys.modules.pop("toy_with_a_mistake") is module


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("PARTS = ('double',)\n", "needs a docstring"),
        ('"""Sentence."""\n', "and PARTS"),
        ('"""Sentence."""\nPARTS = ()\n', "and PARTS"),
        ('"""Sentence."""\nPARTS = "double"\n', "and PARTS"),
        ('"""Sentence."""\nPARTS = tuple(1)\n', "cannot be read as a mistake"),
        ("def double(:", "cannot be read as a mistake"),
        ('"""Sentence."""\nPARTS = ("triple",)\n', "toy has no part 'triple'"),
    ],
)
def test_faulty_mistakes(tmp_path, source, fault):
    with pytest.raises(SpecError, match=fault):
        homework(tmp_path, mistakes={"bad": source}).mistakes  # noqa: B018


def test_digest_names_the_judge(tmp_path):
    toy = homework(tmp_path)
    digests = [toy.suite_sha256]
    for path in (toy.suite / "test_toy.py", toy.reference / "toy.py", toy.public / "assignment.toml"):
        path.write_text(path.read_text() + "\n")
        digests.append(load_homework(tmp_path, "toy").suite_sha256)
    assert len(set(digests)) == 4
    assert replace(toy).suite_sha256 == digests[-1]


def test_unreadable_source_is_a_sentence(tmp_path):
    toy = homework(tmp_path)
    (toy.reference / "toy.py").write_bytes(b"\xff")
    with pytest.raises(SpecError, match="cannot be read"):
        toy.reference_source  # noqa: B018


def test_classes_are_those_whose_objects_stay_in_the_sandbox(tmp_path):
    source = """
        from typing import NamedTuple
        from torch import nn

        class Layer(nn.Module): pass
        class Value: pass
        class Pair(NamedTuple):
            x: int
        def Double(x): return 2 * x
    """
    assert homework(tmp_path, reference=dedent(source)).classes == {"Layer", "Value"}


def test_a_model_answer_that_is_no_python_is_a_sentence(tmp_path):
    toy = homework(tmp_path)
    write(toy.reference / "toy.py", "def double(x:\n    return 2 * x\n")
    with pytest.raises(SpecError, match=r"toy\.py, line 1: the model answer is no Python: '\(' was never closed"):
        _ = toy.classes
