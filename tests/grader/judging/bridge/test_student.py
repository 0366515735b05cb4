"""What a hidden suite may do with `student`: call, repeat, look for changes, hold on to what stays in the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import InfraError, StudentError
from grader.guest import codec
from grader.judging.bridge.examination import Examination
from grader.judging.bridge.forecast import Asked, Forecast, Lookahead
from grader.judging.bridge.student import Handle, Student
from grader.judging.compare import Disagreement
from grader.outcome import Verdict
from grader.spec import Limits

LIMITS = Limits(import_seconds=2, call_seconds=1, submission_seconds=20, memory_mb=256, reply_mb=1)
SOURCE = """
import os
import torch

COUNT = 0

def echo(*args, **kwargs):
    return args, kwargs

def count():
    global COUNT
    COUNT += 1
    return COUNT

def fill(x, y=None):
    x.fill_(7)

def fill_inside(xs):
    xs["b"][0].fill_(7)

def stretch(x):
    x.resize_(9)

def die():
    os._exit(3)

def refuse():
    raise ValueError("no")

def Plain(value):
    return value

def nest(depth):
    return [nest(depth - 1)] if depth else 1.0

def share(xs):
    return xs[0].data_ptr() == xs[1].data_ptr()

def module():
    torch.manual_seed(0)
    return torch.nn.Linear(2, 1, dtype=torch.float64) if False else Scale(3.0)

class Scale(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(factor))
    def forward(self, x):
        return self.factor * x

class Value:
    __array_ufunc__ = None
    def __init__(self, data):
        self.data = data
    def __add__(self, other):
        return Value(self.data + (other.data if isinstance(other, Value) else other))
    __radd__ = __add__
    def __mul__(self, other):
        return Value(self.data * (other.data if isinstance(other, Value) else other))
    __rmul__ = __mul__
    def __sub__(self, other):
        return Value(self.data - other)
    def __rsub__(self, other):
        return Value(other - self.data)
    def __truediv__(self, other):
        return Value(self.data / other)
    def __rtruediv__(self, other):
        return Value(other / self.data)
    def __pow__(self, other):
        return Value(self.data ** other)
    def __rpow__(self, other):
        return Value(other ** self.data)
    def __rmatmul__(self, other):
        return Value(other @ self.data)
    def __neg__(self):
        return Value(-self.data)
    def __matmul__(self, other):
        return Value(self.data @ other)
    def __getitem__(self, key):
        return Value(self.data[key])

def value(data):
    return Value(data)

def read(value):
    return value.data
"""


@pytest.fixture
def examination(zygote) -> Iterator[Examination]:
    examination = Examination({"toy.py": SOURCE.encode()}, "toy", 1, LIMITS, zygote.take)
    yield examination
    examination.close()


@pytest.fixture
def student(examination) -> Student:
    return Student(examination)


def test_arguments_and_answers_keep_their_kinds(student):
    args = (1, 2.5, "a", None, True, [1, (2,)], {"k": [3]}, torch.arange(3), np.arange(2))
    answer, named = student.echo(*args, key=torch.ones(2))
    for sent, got in zip(args, answer, strict=True):
        assert type(got) is type(sent)
        assert torch.equal(got, sent) if isinstance(sent, torch.Tensor) else np.all(got == sent)
    assert named["key"].tolist() == [1, 1]


def test_arguments_are_copies(student):
    x = torch.zeros(3)
    student.fill(x)
    assert x.tolist() == [0, 0, 0]


def test_state_lasts_within_a_fork(student):
    assert [student.count() for _ in range(3)] == [1, 2, 3]


def test_once_repeats_the_answer(student, examination):
    assert [student.count.once(), student.count.once(), student.count()] == [1, 1, 2]
    assert [call.answer for call in examination.calls] == [1, 1, 2]


def test_once_repeats_the_error_without_asking_again(student, examination):
    for _ in range(2):
        with pytest.raises(StudentError, match="exit code 3"):
            student.die.once()
    assert student.count() == 1


def test_calls_are_recorded_with_errors(student, examination):
    student.count()
    with pytest.raises(StudentError) as caught:
        student.refuse()
    assert [(call.function, call.answer, call.error) for call in examination.calls] == [
        ("count", 1, None),
        ("refuse", None, caught.value),
    ]
    assert (caught.value.kind, caught.value.verdict) == ("ValueError", Verdict.ERROR)


def test_changes_in_place(student, examination):
    assert student.fill.inputs_changed(torch.zeros(2)) == ("argument 1",)
    assert student.fill.inputs_changed(x=torch.zeros(2), y=torch.zeros(2)) == ("`x`",)
    assert student.fill.inputs_changed(torch.full((2,), 7.0)) == ()
    assert student.fill.inputs_changed(torch.zeros(2, dtype=torch.complex64)) == ("argument 1",)
    assert student.stretch.inputs_changed(torch.zeros(2)) == ("argument 1",)
    assert student.fill_inside.inputs_changed({"a": 1, "b": [torch.zeros(2)]}) == ("argument 1",)
    assert student.fill_inside.inputs_changed({"a": torch.zeros(1), "b": [torch.full((2,), 7.0)]}) == ()
    assert student.echo.inputs_changed(torch.tensor([float("nan")]), 3) == ()
    assert [call.changed for call in examination.calls][:2] == [("argument 1",), ("`x`",)]


def test_the_process_is_replaced_after_its_death(student):
    assert student.count() == 1
    with pytest.raises(StudentError, match="exit code 3"):
        student.die()
    assert student.count() == 1


def test_a_module_that_does_not_load_blocks_every_call(zygote):
    examination = Examination({"toy.py": b"1 / 0"}, "toy", 1, LIMITS, zygote.take)
    for _ in range(2):
        with pytest.raises(StudentError, match="ZeroDivisionError") as caught:
            Student(examination).f()
        assert caught.value.verdict is Verdict.BLOCKED
    examination.close()


def test_private_names_are_not_asked_for(student):
    with pytest.raises(AttributeError):
        student._secret  # noqa: B018
    with pytest.raises(AttributeError):
        student.module()._secret  # noqa: B018


def test_what_the_suite_cannot_send_is_its_own_fault(student):
    with pytest.raises(InfraError, match="sends a object"):
        student.echo(object())


def test_an_answer_that_cannot_be_sent_back_is_the_submissions_fault(student, examination):
    deep = student.nest(32)
    with pytest.raises(StudentError, match="cannot be sent back: the value is nested more than 32 deep") as caught:
        student.echo(deep)
    assert caught.value.verdict is Verdict.ERROR
    assert examination.calls[-1].error is caught.value
    with pytest.raises(StudentError, match="nested more than 32 deep"):
        student.module() + deep


def test_a_text_that_is_too_long_to_be_sent_back_is_the_submissions_fault(student, monkeypatch):
    text = student.echo("x" * 1000)[0]
    monkeypatch.setattr(codec, "REPLY_CAP", 900)
    with pytest.raises(StudentError, match="cannot be sent back: the value is too large"):
        student.module() + text


def test_arguments_that_no_answer_came_before_are_the_suites_fault(student):
    with pytest.raises(codec.ProtocolError):
        student.echo(2**64)


def test_one_tensor_many_times_is_not_sent_back(student, monkeypatch):
    monkeypatch.setattr("grader.judging.bridge.student.TENSORS_CAP", 1 << 20)
    (half,), _ = student.echo(torch.zeros(1 << 17))
    with pytest.raises(StudentError, match="cannot be sent back: the value holds more than 1 MB of tensors"):
        student.echo([half] * 3)


def test_handle_of_a_module(student):
    module = student.module()
    assert isinstance(module, Handle)
    assert module(torch.ones(2)).tolist() == [3, 3]
    assert module.factor.item() == 3
    assert module.state_dict() == {"factor": torch.tensor(3.0)}
    with pytest.raises(StudentError, match="AttributeError"):
        module.absent  # noqa: B018


@pytest.mark.parametrize(("value", "said"), [(None, "None"), (1.5, "a float"), (torch.zeros(2), "a tensor of shape")])
def test_a_class_that_makes_no_object_fails_the_check(student, examination, value, said):
    strict = Student(examination, classes={"Plain"})
    for ask in (strict.Plain, strict.Plain.once):
        with pytest.raises(Disagreement, match=f"`Plain` makes {said}.*; an object is asked for"):
            ask(value)
    student.Plain(value)


def test_handles_are_combined(student):
    a, b = student.value(6.0), student.value(2.0)
    combined = {
        "a + b": a + b, "a + 1": a + 1, "1 + a": 1 + a, "a * b": a * b, "2 * a": 2 * a, "a - 1": a - 1, "1 - a": 1 - a,
        "a / 2": a / 2, "3 / a": 3 / a, "a ** 2": a**2, "2 ** a": 2**a, "-a": -a, "(a + b) * a": (a + b) * a,
    }  # fmt: skip
    for expression, handle in combined.items():
        assert student.read(handle) == eval(expression, {"a": 6.0, "b": 2.0}), expression
    matrix = student.value(torch.eye(2))
    assert student.read(matrix @ torch.ones(2)).tolist() == [1, 1]
    assert student.read(np.ones((2, 2)) @ student.value(np.eye(2))).tolist() == [[1, 1], [1, 1]]
    assert student.read(matrix[0]).tolist() == [1, 0]


def test_handles_travel_inside_containers(student):
    (inner,), named = student.echo(student.value(1), k=[student.value(2)])
    assert (student.read(inner), student.read(named["k"][0])) == (1, 2)


@pytest.mark.parametrize(
    "use",
    [
        lambda _, handle: handle(torch.ones(1)),
        lambda _, handle: handle.factor,
        lambda _, handle: handle + 1,
        lambda _, handle: 1 + handle,
        lambda student, handle: student.echo(handle),
        lambda student, handle: student.echo([handle]),
    ],
    ids=["call", "attribute", "left", "right", "argument", "in a list"],
)
def test_handles_end_with_their_process(student, use):
    handle = student.module()
    with pytest.raises(StudentError):
        student.die()
    student.module()  # in the next process, something else has its number
    with pytest.raises(StudentError, match="process that held this object has ended") as caught:
        use(student, handle)
    assert caught.value.verdict is Verdict.CRASH


def request(function: str, *args) -> bytes:
    packer = codec.Packer()
    return codec.encode(codec.Call(function, packer.pack(args), packer.pack({})), packer)


def foresee(examination: Examination, *requests: bytes | None) -> None:
    forecast = Forecast()
    forecast.learn([Asked(frame) for frame in requests])
    examination.lookahead = Lookahead(forecast)


def test_handles_live_while_answers_asked_ahead_wait(student, examination):
    foresee(examination, request("module"), request("count"), request("count"))
    module = student.module()
    time.sleep(0.1)  # the answers that nobody has asked for yet are there
    assert module(torch.ones(2)).tolist() == [3, 3]
    assert student.echo(module)[0][0].factor.item() == 3


def test_handles_are_never_named_ahead(student, examination):
    handle = student.value(1)
    assert student.read(handle + 1) == 2
    assert [asked.frame is None for asked in examination.asked] == [False, True, True]


def test_what_is_asked_ahead_counts_once_asked(student, examination):
    foresee(examination, request("count"), request("count"), request("die"), request("count"))
    assert [student.count(), student.count()] == [1, 2]
    with pytest.raises(StudentError, match="exit code 3"):
        student.die()
    assert student.count() == 1


def test_what_is_skipped_is_not_asked_again(student, examination):
    foresee(examination, request("count"), *(request("echo", n) for n in range(5)))
    assert student.count() == 1
    sent = len(examination.lookahead.sent)
    assert sent == 5
    assert student.echo(3)[0][0] == 3  # three answers are read and forgotten
    assert len(examination.lookahead.sent) == 1
    assert student.count() == 2


def test_less_is_asked_ahead_after_a_call_that_no_forecast_knows(student, examination):
    foresee(examination, request("count"), *(request("echo", n) for n in range(9)))
    assert student.echo(70)[0][0] == 70
    assert not examination.lookahead.sent
    assert student.count() == 1
    sent = [len(examination.lookahead.sent)]
    for n in range(3):
        assert student.echo(n)[0][0] == n
        sent.append(len(examination.lookahead.sent))
    assert sent == [1, 3, 7, 6]  # until there is no more to ask


ENDLESS = b"""
def f():
    while True: pass

def g(n):
    while n: pass

class Box:
    def open(self):
        while True: pass

    def close(self):
        return 1

    def __add__(self, other):
        while True: pass
"""


@pytest.fixture
def endless(zygote):
    """A submission whose functions never end, and of whose calls each may take 0.3 s."""
    examination = Examination(
        {"toy.py": ENDLESS}, "toy", 1, LIMITS.model_copy(update={"call_seconds": 0.3}), zygote.take
    )
    yield Student(examination)
    examination.close()


def ended(call: Callable[[], Any]) -> str:
    """What a call that has no answer says."""
    with pytest.raises(StudentError) as caught:
        call()
    assert caught.value.verdict is Verdict.TIMEOUT
    return caught.value.message


TOO_LONG = "no answer within 0.3 s, the time allowed for one call"


def test_a_function_that_never_answers_is_called_twice_and_no_more(endless):
    said = "`f` ran out of time in other checks, and was not called again"
    assert [ended(endless.f) for _ in range(4)] == [TOO_LONG, TOO_LONG, said, said]
    assert endless.g(0) is None


def test_a_function_that_answers_some_calls_is_called_as_long_as_time_is_left(endless):
    assert endless.g(0) is None
    assert [ended(lambda: endless.g(1)) for _ in range(4)] == [TOO_LONG] * 4
    assert endless.g(0) is None
    endless._examination.overtime.left = 0.0
    assert ended(lambda: endless.g(0)) == "`g` ran out of time in other checks, and was not called again"
    assert ended(endless.f) == TOO_LONG.replace("0.3", "0.06")  # it never ran out of time before


def test_a_method_that_never_ends_costs_no_other_method(endless):
    said = "`Box.{}` ran out of time in other checks, and was not called again"
    assert [ended(lambda: endless.Box() + 1) for _ in range(3)] == [TOO_LONG, TOO_LONG, said.format("add")]
    endless._examination.overtime.left = 0.2
    assert ended(lambda: endless.Box().open()) == TOO_LONG.replace("0.3", "0.2")
    assert ended(lambda: endless.Box().open()) == said.format("open")
    assert endless.Box().close() == 1


def test_no_fork_is_taken_once_the_time_of_a_submission_is_used_up(zygote):
    limits = LIMITS.model_copy(update={"submission_seconds": 0.5})
    taken = []
    take = lambda: taken.append(1) or zygote.take()  # noqa: E731
    examination = Examination({"toy.py": b"def f():\n    while True: pass"}, "toy", 1, limits, take)
    verdicts = []
    for _ in range(3):
        with pytest.raises(StudentError, match="the time allowed for one submission") as caught:
            Student(examination).f()
        verdicts.append(caught.value.verdict)
    assert verdicts == [Verdict.TIMEOUT, Verdict.BLOCKED, Verdict.BLOCKED]
    assert len(taken) == 1


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Seconds by which this process's monotonic clock is put forward."""
    forward, real = [0.0], time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + forward[0])
    return forward


def dying(zygote, clock, *, delayed: float = 0.0) -> tuple[Examination, list[str]]:
    """What became of eight calls that each end their fork, where the first takes 100 s and each other one 3 s."""
    taken = []

    def take():
        clock[0] += 3 if taken else 100
        taken.append(1)
        fork = zygote.take()
        fork.delayed = delayed
        return fork

    limits = LIMITS.model_copy(update={"submission_seconds": 10})
    examination = Examination({"toy.py": SOURCE.encode()}, "toy", 1, limits, take)
    verdicts = []
    for _ in range(8):
        with pytest.raises(StudentError) as caught:
            Student(examination).die()
        verdicts.append(caught.value.verdict.value)
    return examination, verdicts


def test_to_replace_a_fork_is_time_of_the_submission_that_lost_it(zygote, clock):
    _, verdicts = dying(zygote, clock)
    assert verdicts[:3] == ["crash"] * 3
    assert verdicts[4:] == ["blocked"] * 4


def test_to_replace_a_sandbox_that_died_is_not(zygote, clock):
    _, verdicts = dying(zygote, clock, delayed=3)
    assert verdicts == ["crash"] * 8


def test_a_training_is_time_of_the_submission(zygote, clock):
    limits = LIMITS.model_copy(update={"submission_seconds": 10})
    examination = Examination({"toy.py": SOURCE.encode()}, "toy", 1, limits, zygote.take)
    student = Student(examination)
    assert student.count() == 1
    end = examination.deadline
    assert student.count.training(5, print) == 1
    assert examination.deadline == end
    clock[0] += 11
    with pytest.raises(StudentError, match="the time allowed for one submission"):
        student.count.training(5, print)
    examination.close()


def test_a_fork_lost_to_what_was_asked_in_vain_is_no_fault_of_the_submission(student, examination):
    foresee(examination, request("module"), request("die"))
    module = student.module()
    with pytest.raises(InfraError, match="a call asked ahead in vain"):
        module(torch.ones(2))  # where the forecast's submission called `die`
    examination.close()
    assert student.module()(torch.ones(2)).tolist() == [3, 3]  # asked again, and nothing ahead


def test_once_does_not_take_another_object_for_the_same(student):
    first = student.value(1)
    assert student.read.once(first) == 1
    with pytest.raises(StudentError):
        student.die()
    second = student.value(2)  # in the next process it has the first one's number
    assert student.read.once(second) == 2


def test_handles_are_not_iterated_over(student):
    with pytest.raises(StudentError, match="is a Value; a tuple or a list is asked for") as caught:
        _one, _other = student.value(torch.ones(2))
    assert caught.value.verdict is Verdict.FAILED


def test_handles_are_neither_true_nor_false(student):
    with pytest.raises(StudentError, match="the result is a Value; True or False is asked for") as caught:
        bool(student.value(0))
    assert caught.value.verdict is Verdict.FAILED


def test_a_probe_that_is_not_there_is_the_suites_fault(student, examination):
    examination.probes = "def twice(module):\n    return 2\n"
    with pytest.raises(InfraError, match=r"probes.py has no function 'twce'"):
        student.probes.twce()
    assert student.probes.twice() == 2
