"""Parts `counting` and `which_stride`: what can be told of a network without building it."""

import pytest
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, either, expect_equal, part, raises


def stack_of(draws, case):
    """A stack of layers and the shape of what it is given, which differ in every run."""
    n = draws.integer
    shape = (2 * n(2, 5), n(70, 90), n(91, 120))
    conv = {"kind": "conv", "filters": 4 * n(2, 6), "kernel": 2 * n(1, 3) + 1}
    pool = {"kind": "pool", "kernel": n(2, 4)}
    if case == "convolutions":
        stack = [
            conv,
            conv | {"stride": 2, "pad": n(1, 3)},
            conv | {"filters": n(5, 9), "pad": 1, "bias": False},
            {"kind": "conv", "filters": 7, "kernel": 1},
        ]
    elif case == "groups":
        stack = [
            conv | {"groups": 2, "pad": 1},
            conv | {"filters": 16, "groups": 4, "stride": n(2, 4)},
            {"kind": "relu"},
            conv | {"filters": 32, "groups": 16, "bias": False},
        ]
    elif case == "poolings":
        stack = [pool, {"kind": "pool", "kernel": 3, "stride": 2}, {"kind": "pool", "kernel": 3, "stride": 1, "pad": 1}]
        stack += [{"kind": "pool", "kernel": 3, "stride": 2, "pad": 1}, conv | {"kernel": 2}]
    else:
        stack = [conv | {"bias": False, "stride": 3}, {"kind": "norm"}, {"kind": "relu"}, pool | {"stride": 2}]
        stack += [conv | {"filters": n(5, 9)}, {"kind": "norm"}]
        stack += [{"kind": "mean"}] if case == "mean" else []
        stack += [{"kind": "fc", "neurons": n(11, 19)}, {"kind": "relu"}, {"kind": "fc", "neurons": 7, "bias": False}]
    return stack, shape


@part("counting")
@weight(1)
@pytest.mark.parametrize("case", ["convolutions", "poolings", "mean"])
def test_shapes(student, reference, draws, case):
    """shapes tells what each layer of a stack gives."""
    agree(student.shapes, reference.shapes, *stack_of(draws, case))


@part("counting")
@weight(1)
@pytest.mark.parametrize("case", ["convolutions", "groups", "flat", "mean"])
def test_parameters(student, reference, draws, case):
    """parameters counts what each layer of a stack learns."""
    agree(student.parameters, reference.parameters, *stack_of(draws, case))


@part("counting")
@weight(1)
@pytest.mark.parametrize("case", ["convolutions", "groups", "flat"])
def test_multiplications(student, reference, draws, case):
    """multiplications counts what each layer of a stack multiplies."""
    agree(student.multiplications, reference.multiplications, *stack_of(draws, case))


@part("counting")
@weight(1)
def test_neurons(student, reference, draws):
    """neurons counts the outputs of all layers with weights."""
    for case in ("flat", "convolutions", "mean"):
        agree(student.neurons, reference.neurons, *stack_of(draws, case))


@part("counting")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("case", ["channels", "filters"])
def test_groups_that_are_not_equal(student, reference, draws, case):
    """shapes refuses channels or filters that are not as many equal groups, with a ValueError."""
    groups = draws.integer(3, 6)
    sizes = {"channels": 2 * groups, "filters": 3 * groups}
    layer = {"kind": "conv", "kernel": 3, "groups": groups}
    agree(student.shapes, reference.shapes, [layer | {"filters": sizes["filters"]}], (sizes["channels"], 9, 8))
    sizes[case] += 1
    raises(student.shapes, "ValueError", [layer | {"filters": sizes["filters"]}], (sizes["channels"], 9, 8))


@part("counting")
@weight(1)
def test_kernel_that_does_not_fit(student, reference, draws):
    """shapes refuses a kernel that is larger than the image with its padding, with a ValueError."""
    size = draws.integer(5, 9)
    kinds = {"kind": "conv", "filters": 3}, {"kind": "pool"}, {"kind": "conv", "filters": 3, "stride": 3}
    for layer in (*kinds, {"kind": "pool", "stride": 2}):
        layer |= {"kernel": size + 2, "pad": 1}
        for sides in ((size + 3, size), (size, size + 3)):
            agree(student.shapes, reference.shapes, [layer], (4, *sides))
        for sides in ((size + 3, size - 1), (size - 1, size + 3)):  # alone, and behind a layer that fits
            raises(student.shapes, "ValueError", [layer], (4, *sides))
            raises(student.shapes, "ValueError", [{"kind": "conv", "filters": 4, "kernel": 1}, layer], (4, *sides))


def judge_stride(student, reference, draws, judge):
    """Judge with the student's own counters, or with others."""

    def wired(name, module):
        return lambda *args: module.probes.wired(["shapes", "multiplications"], name, *args)

    names = ("bottleneck_multiplications", "which_stride")
    either(
        lambda: judge(*(getattr(student, name) for name in names), *(getattr(reference, name) for name in names)),
        lambda: judge(*(wired(name, student) for name in names), *(wired(name, reference) for name in names)),
    )


def judge_answers(which, right, cases):
    """Of all cases, before any is judged: two answers in a row tell more than one."""
    answers = [which(*case) for case in cases]
    for answer, case in zip(answers, cases, strict=True):
        expect_equal(answer, right(*case))


@part("which_stride")
@weight(1)
@pytest.mark.parametrize("case", ["1x1", "3x3"])
def test_bottlenecks(student, reference, draws, case):
    """bottleneck_multiplications counts what a network of bottlenecks multiplies, wherever its stride is."""
    layers = [draws.integer(1, 5) for _ in range(4)]
    size = 32 * draws.integer(3, 9) + draws.integer(1, 31)

    def judge(count, _, right, __):
        agree(count, right, layers, 1, 64, case)
        agree(count, right, layers, 8, 14, case, size)

    judge_stride(student, reference, draws, judge)


@part("which_stride")
@weight(1)
def test_lectures_table(student, reference, draws):
    """which_stride answers the lecture's question: the stride of its ResNets and of its ResNeXts."""
    table = [
        ([3, 4, 6, 3], 1, 64, 3.86),
        ([3, 4, 23, 3], 1, 64, 7.58),
        ([3, 8, 36, 3], 1, 64, 11.30),
        ([3, 4, 6, 3], 32, 4, 4.24),
        ([3, 4, 23, 3], 32, 4, 7.99),
    ]

    def judge(_, which, count, right):
        cases = table
        if right is not reference.which_stride:  # with other counters no network of the lecture's comes out
            places = ["1x1" if groups == 1 else "3x3" for _, groups, _, _ in table]
            counts = [count(*case[:3], place) / 1e9 for case, place in zip(table, places, strict=True)]
            cases = [(*case[:3], gflops) for case, gflops in zip(table, counts, strict=True)]
        judge_answers(which, right, cases)

    judge_stride(student, reference, draws, judge)


@part("which_stride")
@weight(1)
@visibility("after_due_date")
def test_other_networks(student, reference, draws):
    """which_stride finds the stride of networks that are in no table."""
    cases = [
        ([draws.integer(1, 7) for _ in range(4)], groups, width, place, draws.integer(-2, 3))
        for groups, width in ((1, 64), (32, 4), (8, 14))
        for place in ("1x1", "3x3")
    ]

    def judge(_, which, count, right):
        counts = [count(*case[:4]) / 1e9 * (1 + case[4] / 1000) for case in cases]
        judge_answers(which, right, [(*case[:3], gflops) for case, gflops in zip(cases, counts, strict=True)])

    judge_stride(student, reference, draws, judge)
