"""One check's run as an outcome: the exception that ended it, read and put into words for students and staff."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

import grader
from grader.errors import Killed, StudentError, drop_frames
from grader.guest import frames
from grader.judging.bridge.examination import Examination, RecordedCall
from grader.judging.bridge.student import Handle
from grader.judging.compare import Disagreement
from grader.judging.training import share
from grader.judging.trees import parts
from grader.judging.wording import kind
from grader.outcome import Check, Outcome, Place, Verdict

MESSAGE_CAP = 4_000  # characters that a student reads, …
DETAIL_CAP = 40_000  # … and staff: a hostile check makes calls by the hundred thousand
SPELT_ITEMS = 100  # of a list in staff's detail; a hostile answer has hundreds of thousands


def judge(check: Check, run: Callable[[], None], examination: Examination, *, last: bool = False) -> Outcome:
    """Run a check and say what came of it. `last`: it is not tried again, so what kills its fork is the submission."""
    examination.begin_check()
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        run()
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # pytest.skip and pytest.fail are BaseExceptions
        error = raised
    if isinstance(error, AttributeError | TypeError) and (wanting := _wanting(error, examination.calls)):
        wanting.__cause__ = error  # for staff
        error = wanting
    if last and isinstance(error, Killed):
        error = StudentError(Verdict.CRASH, str(error))
        if not examination.loaded:
            examination.problem = error
    outcome = _outcome(check, error, time.perf_counter() - started, examination.calls)
    examination.blamed = _blamed(error, examination.calls)
    for ended in (error, *(call.error for call in examination.calls)):
        drop_frames(ended)
    if examination.measured is not None and outcome.verdict in (Verdict.PASSED, Verdict.FAILED):
        return replace(outcome, measurement=examination.measured, earned=check.points * share(examination.measured))
    return outcome


def _blamed(error: BaseException | None, calls: Sequence[RecordedCall]) -> RecordedCall | None:
    """The call that this exception is about: `either` calls on after the one that counts."""
    if isinstance(error, Disagreement):
        return next((call for call in calls if call is error.call), None)
    return next((call for call in calls if call.error is error), None) if error is not None else None


def take_place(item: Any) -> Place | None:
    """Take what a test has given gradescope-utils' `set_leaderboard_value`. What is no number has no place."""
    function = getattr(item, "function", None)
    value = vars(function).pop("__leaderboard_value__", None) if function is not None else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    order = getattr(function, "__leaderboard_sort_order__", "desc")
    return Place(str(getattr(function, "__leaderboard_column__", item.name)), float(value), order)


def _wanting(error: AttributeError | TypeError, calls: Sequence[RecordedCall]) -> Disagreement | None:
    """What is wrong with an answer, if it is one that lacks the attribute, or cannot be called or added.

    A function that forgets to return has such an answer, say, or a module whose `train` is a truth.

    So a suite need not ask of each answer whether it is an object. Only a suite's own line counts, and only an answer
    that is known to be the one: what cannot be called or added, and None, a truth, a whole number or a text, only
    where the last call gave it. Of an object's attributes the sandbox knows, not we.
    """
    answered = [call for call in calls if call.error is None and call.experiment is None]
    if _is_ours(error) or not answered:
        return None
    if isinstance(error, TypeError):
        call = answered[-1]
        found, wanted = call.answer, _unable(str(error), call)
        if not wanted:
            return None
    else:
        found, wanted = error.obj, f"something with `{error.name}`"
        if error.name is None or isinstance(found, Handle):
            return None
        if found is None or isinstance(found, int | str):
            answered = answered[-1:]
        holding = (call for call in reversed(answered) if any(part is found for part in parts(call.answer)))
        if (holder := next(holding, None)) is None:
            return None
        call = holder
    asked = call.function if call.operation != "get" else f"{call.function.removesuffix('get')}{call.args[0]}"
    return Disagreement(f"`{asked}` gives {kind(found)}; {wanted} is asked for")


def _unable(said: str, call: RecordedCall) -> str:
    """What was wanted of the last answer by a line that ended in this TypeError; "" where it was another value.

    Tensors, which a suite has of its own, count only where they were read off an object.
    """
    if isinstance(call.answer, Handle) or (isinstance(call.answer, torch.Tensor) and call.operation != "get"):
        return ""
    kind_of_answer = type(call.answer)
    name = "numpy.ndarray" if kind_of_answer is np.ndarray else kind_of_answer.__name__
    if said == f"'{name}' object is not callable":
        return "something to call"
    is_operand = said.startswith("unsupported operand type(s) for") and f"'{name}'" in said
    return "something to calculate with" if is_operand else ""


def _is_ours(error: BaseException) -> bool:
    """Whether a line of the engine's raised it."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return Path(frame.f_code.co_filename).is_relative_to(Path(grader.__file__).parent)


def _outcome(check: Check, error: BaseException | None, seconds: float, calls: Sequence[RecordedCall]) -> Outcome:
    if not calls and (error is None or isinstance(error, Disagreement)):
        return Outcome(check, Verdict.INFRA, 0.0, "this check asks the submission nothing", seconds=seconds)
    match error:
        case None:
            return Outcome(check, Verdict.PASSED, check.points, seconds=seconds)
        case Disagreement():
            detail = _describe(calls)
            if error.__cause__ is not None:
                detail += "\n\n" + "".join(traceback.format_exception(error.__cause__))
            message = error.message[:MESSAGE_CAP]
            return Outcome(check, Verdict.FAILED, 0.0, message, error.evidence, seconds=seconds, staff_detail=detail)
        case StudentError():
            detail = _describe(calls)
            return Outcome(
                check, error.verdict, 0.0, error.message, seconds=seconds, staff_detail=detail, line=error.line
            )
    detail = "".join(traceback.format_exception(error))
    message = "the grader failed in this check; it is not counted against you"
    return Outcome(check, Verdict.INFRA, 0.0, message, seconds=seconds, staff_detail=detail)


def _describe(calls: Sequence[RecordedCall]) -> str:
    """The calls of a check for staff: arguments by shape, small ones whole."""
    lines: list[str] = []
    size = 0
    for call in calls:
        given = ", ".join([*map(_brief, call.args), *(f"{k}={_brief(v)}" for k, v in call.kwargs.items())])
        lines.append(f"{call.function}({given}) → {call.error.message if call.error else _brief(call.answer)}")
        size += len(lines[-1])
        if size > DETAIL_CAP:
            return "\n".join([*lines, f"… and {len(calls) - len(lines)} more"])
    return "\n".join(lines)


def _brief(value: Any) -> str:
    text = _spelt(value)
    return text if len(text) <= 2000 else text[:1999] + "…"


def _listed(spelt: Iterable[str], number: int) -> str:
    return ", ".join(spelt) + (", …" if number > SPELT_ITEMS else "")


def _spelt(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        shape = "×".join(map(str, value.shape)) or "scalar"
        # of no elements there may be a list of lists by the billion: the shape is the student's
        return f"{kind}[{shape}]" + (f" {value.tolist()}" if 0 < value.numel() <= 9 else "")
    if isinstance(value, list | tuple):
        return f"({_listed(map(_spelt, value[:SPELT_ITEMS]), len(value))})"
    if isinstance(value, dict):
        items = islice(value.items(), SPELT_ITEMS)
        return f"{{{_listed((f'{_spelt(key)}: {_spelt(item)}' for key, item in items), len(value))}}}"
    if frames.is_frame(value):  # pandas takes long to spell a hostile one
        return f"{type(value).__name__}{list(value.shape)}"
    text = repr(value)
    return text if len(text) <= 200 else text[:199] + "…"
