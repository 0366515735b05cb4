"""Which changes are made, and that each is one that runs."""

from __future__ import annotations

import ast
import types

import pytest
import torch

from grader.commands.mutate.operators import diff, functions, mutants, sabotaged
from grader.homework import load_homework
from tests.hostile.here import ROOT

SOURCES = sorted((ROOT / "reference").glob("*/*.py"))


def after(source: str) -> set[str]:
    return {one.after for one in mutants(source)}


def changed(expression: str, arguments: str = "x, y") -> set[str]:
    source = f"def f({arguments}):\n    z = {expression}\n    return [z]\n"
    return {one.after.removeprefix("z = ") for one in mutants(source) if one.after.startswith("z = ")}


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        ("a + b", {"a - b", "a", "b"}),
        ("a * (b + c)", {"a / (b + c)", "a + (b + c)", "a", "b + c", "a * (b - c)", "a * (b)", "a * (c)"}),
        ("x - y", {"x + y", "x", "y", "x.sub_(y)"}),
        ("a < b", {"a <= b", "a > b"}),
        ("a is None", {"a is not None"}),
        ("a and b", {"a or b", "a", "b"}),
        ("3", {"4", "2", "0", "-3"}),
        ("True", {"False"}),
        ("-a", {"a"}),
        ("a if b else c", {"a", "c"}),
        ("f(a, b)", {"f(b)", "f(a)", "f(b, a)"}),
        ("g(a, axis=b)", {"g(axis=b)", "g(a)"}),
        ("a.clone()", {"a"}),
        ("a.max(keepdim=True)", {"a.max()", "a.max(keepdim=False)"}),
        ("torch.sqrt(a)", {"torch.sqrt()", "a"}),
        ("a[b:c]", {"a[:c]", "a[b:]", "a"}),
        ("a[b, c]", {"a[c, b]", "a"}),
        ("range(a)", {"range()", "range(a - 1)", "range(1, a)"}),
        ("a.T", {"a"}),
        ("torch.float64", {"torch.float32"}),
    ],
)
def test_each_expression_is_changed_in_its_own_ways(expression, made):
    found = {ast.unparse(ast.parse(one)) for one in changed(expression)}
    assert found == {ast.unparse(ast.parse(one)) for one in made}


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("if a:\n        b()", {"if False:", "if True:", "pass"}),
        ("for i in a:\n        b()", {"break", "pass"}),
        ("a += b", {"a = b", "a -= b", "pass"}),
        ("raise ValueError('no')", {"pass"}),
        ("return a", {"return a.squeeze()", "return -a"}),
        (
            "return a, b",
            {"return (b, a)", "return a.squeeze(), b", "return a, b.squeeze()", "return -a, b", "return a, -b"},
        ),
        ("a = 1\n    a = b", {"a = 2", "a = 0", "a = -1", "pass"}),
    ],
)
def test_each_statement_is_changed_in_its_own_ways(body, made):
    found = after(f"def _f(b):\n    {body}\n")
    assert {" ".join(one.split()) for one in found} >= made


def test_what_is_only_said_is_left_alone():
    source = '"""Two of 3."""\nimport math\n\n\ndef f(x: int = 3) -> int:\n    """3."""\n    print(3)\n    raise ValueError(f"{3}")\n'
    assert {one.change for one in mutants(source) if one.line == 5} >= {"another constant"}
    assert not {one.line for one in mutants(source)} & {1, 2, 6, 7}
    assert {one.after for one in mutants(source) if one.line == 8} == {"pass"}


def test_zips_strict_is_no_change():
    made = [mutant.id for mutant in mutants("def f(a, b):\n    return list(zip(a, b, strict=True))\n")]
    assert made
    assert not any("strict=False" in one or "zip(a, b))" in one for one in made)


def test_whole_functions_are_changed_too():
    source = "def f(x):\n    return x\n\n\ndef _own(x):\n    return x\n"
    whole = [one for one in mutants(source) if one.source.startswith(source)]
    assert {one.function for one in whole} == {"f"}
    kept = next(one for one in whole if "kept" in one.change)
    module = types.ModuleType("kept")
    exec(kept.source, module.__dict__)
    one, other = torch.ones(2), torch.zeros(2)
    assert torch.equal(module.f(one), one)
    assert module.TOUCHED is False
    assert torch.equal(module.f(other), one)
    assert module.TOUCHED is True
    zeros = next(one for one in whole if one.change.endswith("(dimension 0)"))
    exec(zeros.source, module.__dict__)
    assert module.f(torch.ones(1, 2)).sum() == 0
    assert module.f(torch.ones(2, 1)).sum() == 2


@pytest.mark.long
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_reference_has_mutants_that_compile(path):
    source = path.read_text()
    made = mutants(source)
    assert len(made) > 100
    assert len({one.source for one in made}) == len({one.id for one in made}) == len(made)
    assert all(one.source != source for one in made)
    known = {name for name, _ in functions(ast.parse(source))}
    assert {one.function for one in made} - {""} <= known
    for one in made[::50]:
        ast.parse(one.source)
        assert one.source.startswith(source) or diff(one, source)


def test_a_sabotaged_function_raises_and_no_other():
    homework = load_homework(ROOT, "hw4_batchnorm")
    for name, source in sabotaged(homework.reference_source).items():
        module = types.ModuleType("sabotaged")
        exec(source, module.__dict__)
        if name == "batch_mean":
            with pytest.raises(NotImplementedError):
                module.batch_mean(torch.ones(2, 2))
            assert module.batch_variance(torch.ones(2, 2), torch.ones(2)).sum() == 0
