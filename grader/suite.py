"""What a hidden suite is written with. A hidden check is an ordinary pytest test:

    from gradescope_utils.autograder_utils.decorators import visibility, weight
    from grader.suite import agree, part

    @part("conv2d_forward")
    @weight(4)
    def test_stride(student, reference, draws):
        '''conv2d_forward handles strides that do not divide the image.'''
        x = draws.normal(3, 2, 7, 8)
        ...
        agree(student.conv2d_forward, reference.conv2d_forward, x, w, b, stride=3)

Fixtures: `student` (the submission behind the bridge), `reference` (its model answer, in this process), `draws`
(random inputs from the run's secret seed and the test's own name, see `grader.judging.draws`; `rng` is a
torch.Generator; `draws.for_student.integer("size", 3, 9)` is the student's own), `common_draws` (the same for all tests
of the run) and `measure` (trains, and holds the accuracy
against what was calibrated). The docstring is the sentence that the student reads; `weight` is the check's points.
Only the functions below judge, in an `experiment` too, where answers are random: whatever else a test raises is
counted as our fault, never as the student's, but that an answer of plain data lacks an attribute, or cannot be called
or calculated with. So look at the form of an answer first (`pick`, `expect`), probes' too: `python -m
tests.hostile.forger NAME` finds where a suite does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from grader.errors import StudentError, drop_frames, is_kind
from grader.guest.values import printing
from grader.judging.compare import Disagreement, compare, fields_of, is_record
from grader.judging.wording import Fields, kind
from grader.outcome import Verdict

F = TypeVar("F", bound=Callable[..., Any])


def part(name: str) -> Callable[[F], F]:
    """Mark a test as a check of the assignment's part `name`."""

    def mark(function: F) -> F:
        function.__part__ = name  # type: ignore[attr-defined]
        return function

    return mark


def agree(
    asked: Callable[..., Any],
    reference: Callable[..., Any],
    *args: Any,
    output: str | None = None,
    outputs: tuple[str, ...] = (),
    tolerance: float | None = None,
    **kwargs: Any,
) -> None:
    """Pass if the student's function and the reference give the same for the same arguments.

    Of a function that returns several things named `outputs`, judge only the one named `output`, so that each is
    scored apart; it is asked once for all of them. `tolerance` is as in `grader.judging.compare.compare`. Raises
    `Disagreement` (the check fails) or what the bridge raises (error, timeout, crash, …).
    """
    outputs = outputs or getattr(output, "names", ())
    is_ours = hasattr(type(asked), "once")  # asked of the type: a handle would ask the student's object for the name
    ask = asked if output is None or not is_ours else asked.once  # type: ignore[attr-defined]
    answer = ask(*args, **kwargs)
    expected = reference(*args, **kwargs)
    call = asked.recorded if hasattr(type(asked), "recorded") else None  # type: ignore[attr-defined]
    try:
        if output is not None:
            answer, expected = pick(answer, output, outputs), expected[outputs.index(output)]
            if hasattr(type(asked), "looked_at"):  # tells the recorder what was judged, for the diagnosis
                asked.looked_at(outputs.index(output))  # type: ignore[attr-defined]
        expect_equal(answer, expected, output=output, tolerance=tolerance)
    except Disagreement as wrong:
        wrong.call = call  # for the report, which says how it was called
        raise


def agree_wired(asked: Callable[..., Any], reference: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """As `agree`, for a function that uses others of the submission: one of these may be wrong without costing it.

    If the answer is wrong, both are asked again with the `STAND_INS` of `probes.py` in the place of the others, see
    `either`.
    """
    begun: int = getattr(asked, "calls_made") if hasattr(type(asked), "calls_made") else 0  # noqa: B009 - a handle's own

    def wired() -> None:
        agree(asked.wired, reference.wired, *args, **kwargs)  # type: ignore[attr-defined]

    try:
        agree(asked, reference, *args, **kwargs)
    except Exception as error:
        if not is_excusable(error):
            raise
        if hasattr(type(asked), "set_aside"):  # the wired call tells of this function alone: a mistake is known by it
            asked.set_aside(begun)  # type: ignore[attr-defined]
        if not passes(wired):
            raise


class _Output(str):
    """The name of one of several outputs, which knows them all."""

    __slots__ = ("names",)
    names: tuple[str, ...]


def each_output(*names: str) -> Callable[[F], F]:
    """Make a check for each of these outputs of one test, which hands its argument `output` on to `agree`."""
    outputs = [_Output(name) for name in names]
    for one in outputs:
        one.names = names
    return pytest.mark.parametrize("output", outputs, ids=names)


def expect_equal(answer: Any, expected: Any, *, output: str | None = None, tolerance: float | None = None) -> None:
    """Fail the check unless the student's answer is the expected one, see `grader.judging.compare.compare`.

    An object of the student's is read field by field where a dataclass is expected.
    """
    wrong = compare(_read(answer, expected), expected, output=output, tolerance=tolerance)
    if wrong:
        try:
            raise wrong
        finally:
            del wrong  # a frame that holds its exception keeps the answers in memory, wherever that is caught


def _read(answer: Any, expected: Any) -> Any:
    """The answer, with the fields of each object of the student's where `expected` has a dataclass."""
    if is_record(expected) and hasattr(type(answer), "_type_name"):
        names = fields_of(expected)
        inner = {name: _read(getattr(answer, name), getattr(expected, name)) for name in names}
        return Fields(kind(answer).partition(" ")[2], inner)
    if isinstance(expected, list | tuple) and isinstance(answer, list | tuple) and len(answer) == len(expected):
        return [_read(one, other) for one, other in zip(answer, expected, strict=True)]
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {key: _read(value, expected.get(key)) for key, value in answer.items()}
    return answer


def agree_text(asked: Callable[..., Any], expected: Any, *args: Any, **kwargs: Any) -> None:
    """Pass if the student's function returns the same text, where blanks, tabs and line ends all count as one blank.

    `expected` is the text, or a function that returns it, for example the reference's.
    """
    answer = asked(*args, **kwargs)
    right = expected(*args, **kwargs) if callable(expected) else expected
    expect(isinstance(answer, str), f"the result is {kind(answer)}; a text is asked for")
    _same_text(answer, right, "the result")


def agree_printed(asked: Callable[..., Any], expected: Any, *args: Any, **kwargs: Any) -> None:
    """Pass if the student's function prints the same text, with white space as in `agree_text`.

    `expected` is the text, or a function that prints it, for example the reference's.
    """
    answer = asked.printed(*args, **kwargs)  # type: ignore[attr-defined]
    if callable(expected):
        expected = getattr(expected, "printed", None) or printing(expected)
        expected = expected(*args, **kwargs)
    _same_text(answer, expected, "the output")


def _same_text(answer: str, expected: str, name: str) -> None:
    words, right = answer.split(), expected.split()
    if words == right:
        return
    expect(bool(words), f"{name} is empty; a text is asked for")
    at = next((i for i, (one, other) in enumerate(zip(words, right, strict=False)) if one != other), None)
    if at is None:
        expect(len(words) > len(right), f"{name} ends too early, after {_shown(words[-1])}")
        at = len(right)
    raise Disagreement(f"{name} is wrong from its word {at + 1} on: {_shown(words[at])}")


def _shown(word: str) -> str:
    return repr(word if len(word) <= 60 else word[:59] + "…")


def pick(answer: Any, output: str, outputs: tuple[str, ...]) -> Any:
    """The entry named `output` of a student's tuple. Fails the check where it has not one entry per name."""
    if not isinstance(answer, tuple | list) or len(answer) != len(outputs):
        raise Disagreement(f"the result is {kind(answer)}; a tuple ({', '.join(outputs)}) is asked for")
    return answer[outputs.index(output)]


def an_object(answer: Any, asked: str) -> Any:
    """The answer, if it is an object of the student's. Fails the check where `asked`, "x + y" say, gives plain data.

    What is made by a class of the reference's name needs no such look.
    """
    expect(hasattr(type(answer), "_type_name"), f"`{asked}` gives {kind(answer)}; an object is asked for")
    return answer


def expect(condition: bool, message: str) -> None:
    """Fail the check with `message`, which the student reads, unless `condition` holds."""
    if not condition:
        raise Disagreement(message)


def either(judge: Callable[[], None], wired: Callable[[], None]) -> None:
    """Pass if `judge` does, or else `wired`, which judges the same with functions that stand in for the student's.

    A bug costs once: what is made of several functions may be put together correctly where one of these is wrong, slow
    or forbidden.
    """
    try:
        judge()
    except Exception as error:
        if not is_excusable(error) or not passes(wired):
            raise


def passes(judge: Callable[[], None]) -> bool:
    """Whether the submission passes it. Raises what is the grader's fault."""
    try:
        judge()
    except Exception as error:
        if not isinstance(error, Disagreement | StudentError):
            raise
        drop_frames(error)
        return False
    return True


def is_excusable(error: Exception) -> bool:
    """Whether it may be the fault of a function that another part judges: a wrong answer, a limit, a ban."""
    return is_wrong(error) or (isinstance(error, StudentError) and error.verdict is not Verdict.BLOCKED)


def is_wrong(error: Exception) -> bool:
    """Whether the submission gave a wrong answer, or raised: no limit and no ban, and no fault of the grader's."""
    if isinstance(error, StudentError):
        return error.verdict in (Verdict.ERROR, Verdict.FAILED)
    return isinstance(error, Disagreement)


def experiment(student: Any, body: Callable[[Any], None]) -> None:
    """Judge answers that depend on random numbers: `body(student)` judges them as a check does.

    Such answers never come twice, so the diagnosis does not repeat the calls: it runs `body` on each known mistake, and
    a mistake explains the check if `body` fails there with the same message, in one of a few trials. So a message says
    what is wrong, and holds no number that chance decides; and `body` depends on draws and on the module that it is
    given, on nothing else.
    """
    student._try_out(body)  # noqa: SLF001 - a public name would be a function of the submission's


def leaves_inputs_alone(asked: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Pass if the student's function does not change its arguments in place.

    The student's own process says whether it did, so this is a courtesy to the honest: keep its weight small.
    """
    changed = asked.inputs_changed(*args, **kwargs)  # type: ignore[attr-defined]
    expect(not changed, f"the function changes its input {' and '.join(changed)} in place")


def raises(asked: Callable[..., Any], type_name: str, *args: Any, **kwargs: Any) -> None:
    """Pass if the student's function refuses the arguments with an exception of the type named `type_name`, or of one
    that is made from it.

    Any other exception of the student's is passed on, so that the report shows it.
    """
    try:
        asked(*args, **kwargs)
    except Exception as error:
        if not is_kind(error, type_name):
            raise
        return
    raise Disagreement(f"no {type_name} is raised although the arguments are wrong")
