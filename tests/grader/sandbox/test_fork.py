"""One fork as the judge sees it, with this test as the fork: bytes, deadlines, and how its end is read."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from grader.errors import InfraError, StudentError, out_of_time
from grader.guest import codec
from grader.outcome import Verdict
from grader.sandbox import fork as module
from grader.sandbox.fork import Fork
from grader.sandbox.signature import sender
from grader.spec import Limits

LIMITS = Limits(reply_mb=1, memory_mb=256, submission_seconds=20)
ASK = codec.encode(codec.Answer(None))


class FarEnd:
    """The other end of a `Fork`."""

    def __init__(self, cgroup=None) -> None:
        ours, self.channel = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        status, self.status = socket.socketpair()
        self.handle = Fork(ours, status, LIMITS, cgroup)

    def die(self, **said: object) -> None:
        """End, after the intermediate process said this; nothing means that it died as well."""
        if said:
            self.status.send(json.dumps(said).encode())
        self.status.close()
        self.channel.close()

    def close(self) -> None:
        self.channel.close()
        self.status.close()
        self.handle.kill()


@pytest.fixture
def fork() -> Iterator[FarEnd]:
    fork = FarEnd()
    yield fork
    fork.close()


def verdict_of(fork: Fork) -> tuple[Verdict, str]:
    with pytest.raises(StudentError) as caught:
        fork.handle.ask(ASK, 0.5)
    assert not fork.handle.alive
    return caught.value.verdict, caught.value.message


def test_answer(fork):
    fork.channel.sendall(codec.encode(codec.Answer(3)))
    frame = fork.handle.ask(ASK, 1)
    assert frame.value(frame.body.value) == 3
    assert fork.handle.alive


def test_an_answer_given_before_a_crash_counts(fork):
    # the crash is of a request that was asked ahead; the judge sends more before it reads
    fork.channel.sendall(codec.encode(codec.Answer(3)))
    fork.die(exit=1, cpu_seconds=0)
    frame = fork.handle.ask(b"", 1, ahead=[ASK])
    assert frame.value(frame.body.value) == 3
    assert verdict_of(fork) == (Verdict.CRASH, "the submission ended its own process with exit code 1")


@pytest.mark.parametrize("size", [1 << 10, 400_128, 1 << 20])
def test_long_answers_and_long_requests_do_not_wait_for_each_other(fork, size):
    answer = codec.encode(codec.Answer("a" * 700_000))
    read = []

    def serve():  # as a fork does: it answers one request before it reads the next
        for length in (size, *[8126] * 7):
            left = length
            while left:
                left -= len(fork.channel.recv(left))
            fork.channel.sendall(answer)
            read.append(length)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    fork.handle.ask(bytes(size), 5, ahead=[bytes(8126)] * 7)
    for _ in range(7):
        fork.handle.ask(b"", 5)
    thread.join(5)
    assert len(read) == 8


def test_exception_leaves_the_fork_alive_unless_it_is_spent(fork):
    for spent in (False, True):
        fork.channel.sendall(codec.encode(codec.Raised("error", "ValueError", "no", "toy.py, line 1", spent)))
        with pytest.raises(StudentError, match=r"ValueError: no \(toy.py, line 1\)"):
            fork.handle.ask(ASK, 1)
        assert fork.handle.alive is not spent


@pytest.mark.parametrize(
    ("said", "verdict", "message"),
    [
        ({"exit": 0, "cpu_seconds": 1}, Verdict.CRASH, "exit code 0"),
        ({"exit": 7, "cpu_seconds": 1}, Verdict.CRASH, "exit code 7"),
        ({"exit": -11, "cpu_seconds": 1}, Verdict.CRASH, "ended by SIGSEGV"),
        ({"exit": -9, "cpu_seconds": 25}, Verdict.TIMEOUT, "processor time"),
        ({"exit": -31, "cpu_seconds": 1}, Verdict.CRASH, "ended by SIGSYS"),
        ({"exit": -35, "cpu_seconds": 1}, Verdict.CRASH, "ended by signal 35"),
    ],
)
def test_how_it_died(fork, said, verdict, message):
    fork.die(**said)
    got, text = verdict_of(fork)
    assert got is verdict
    assert message in text


def test_the_sandbox_died_and_not_the_fork(fork):
    fork.die()
    with pytest.raises(InfraError, match="the sandbox died"):
        fork.handle.ask(ASK, 1)
    assert not fork.handle.alive


def test_killed_from_outside(fork):
    fork.die(exit=-9, cpu_seconds=1)
    with pytest.raises(InfraError, match="killed from outside"):
        fork.handle.ask(ASK, 1)


def test_killed_for_memory():
    class Full:
        def out_of_memory(self) -> bool:
            return True

    fork = FarEnd(Full())
    fork.die(exit=-9, cpu_seconds=1)
    assert verdict_of(fork) == (Verdict.MEMORY, "killed for using more than 256 MB of memory")
    fork.close()


def test_hangs_up_but_lives(fork):
    fork.channel.close()
    assert verdict_of(fork) == (Verdict.CRASH, "the submission's process hung up")


def test_lines_are_heard_up_to_a_number(fork):
    line = codec.encode(codec.Progress("loss 1"))
    heard = []
    fork.channel.sendall(line * 3 + codec.encode(codec.Answer(7)))
    assert fork.handle.ask(ASK, 5, on_line=heard.append).body.value == 7
    assert heard == ["loss 1"] * 3
    threading.Thread(target=fork.channel.sendall, args=(line * (codec.LINES_CAP + 1),), daemon=True).start()
    with pytest.raises(StudentError) as raised:
        fork.handle.ask(ASK, 5, on_line=heard.append)
    assert raised.value.verdict is Verdict.CRASH


def test_lines_that_nobody_asked_for_are_no_answer(fork):
    fork.channel.sendall(codec.encode(codec.Progress("loss 1")))
    with pytest.raises(StudentError) as raised:
        fork.handle.ask(ASK, 5)
    assert raised.value.verdict is Verdict.CRASH


@pytest.mark.parametrize(("seconds", "told"), [(1.89168, "1.9"), (240, "240"), (0.05, "0.05"), (5.0, "5")])
def test_a_time_is_told_in_few_digits(seconds, told):
    assert out_of_time(seconds, "for one call") == f"no answer within {told} s, the time allowed for one call"


def test_silence(fork, monkeypatch):
    monkeypatch.setattr(module, "ENDING_SECONDS", 60.0)
    started = time.monotonic()
    fork.die = lambda: None
    threading.Timer(0.7, fork.status.send, (b'{"exit": -9}',)).start()
    assert verdict_of(fork) == (Verdict.TIMEOUT, "no answer within 0.5 s, the time allowed for one call")
    assert time.monotonic() - started < 30  # it waits for the word, not for the time that the word may take


def test_drip_does_not_extend_the_deadline(fork):
    stop = threading.Event()

    def drip() -> None:
        for byte in codec.HEADER.pack(codec.MAGIC, 1000, 0) + bytes(1000):
            if stop.wait(0.02):
                return
            try:
                fork.channel.sendall(bytes([byte]))
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    started = time.monotonic()
    assert verdict_of(fork)[0] is Verdict.TIMEOUT
    assert time.monotonic() - started < 10  # the drip lasts twice as long
    stop.set()
    thread.join()


def test_a_fork_that_does_not_read_is_timed_out_too(fork):
    with pytest.raises(StudentError, match=r"no answer within 0\.5 s") as caught:
        fork.handle.ask(bytes(16 << 20), 0.5)
    assert caught.value.verdict is Verdict.TIMEOUT


@pytest.mark.parametrize("body", [codec.Hello([], []), codec.Probed({}), codec.Probe([]), codec.Load({}, "x")])
def test_only_an_answer_is_an_answer(fork, body):
    fork.channel.sendall(codec.encode(body))
    assert verdict_of(fork) == (Verdict.CRASH, "the submission's process sent no valid answer")


def test_out_of_turn(fork):
    assert fork.handle.is_quiet()
    fork.channel.sendall(b"x")
    assert not fork.handle.is_quiet()
    fork.handle.kill()
    assert not fork.handle.is_quiet()


@pytest.mark.parametrize("spent", [False, True])
def test_threads_left_by_what_nobody_waits_for_end_the_fork(fork, spent):
    fork.channel.sendall(codec.encode(codec.Raised("error", "ValueError", "no", "", spent)))
    assert fork.handle.hear_out(1, 1) is not spent
    assert fork.handle.alive is not spent


def test_greeting_is_signed_by_the_kernel(fork):
    fork.channel.sendall(codec.encode(codec.Hello(["walls"], [])))
    assert fork.handle.greet() == codec.Hello(["walls"], [])
    assert fork.handle._pidfd is not None
    os.close(fork.handle._pidfd)  # of this very process: nobody is to be killed
    fork.handle._pidfd = None


def test_greeting_that_tells_why_not(fork):
    fork.die(error="isolation failed: no namespaces")
    with pytest.raises(InfraError, match="isolation failed: no namespaces"):
        fork.handle.greet()
    assert not fork.handle.alive


def test_unsigned_message():
    with pytest.raises(OSError, match="without the kernel's signature"):
        sender([])


def test_no_descriptor_is_left():
    before = len(os.listdir("/proc/self/fd"))
    for said in ({"exit": 0, "cpu_seconds": 0}, {}):
        fork = FarEnd()
        fork.die(**said)
        with pytest.raises((StudentError, InfraError)):
            fork.handle.ask(ASK, 1)
    fork = FarEnd()
    fork.die(error="no")
    with pytest.raises(InfraError):
        fork.handle.greet()
    assert len(os.listdir("/proc/self/fd")) == before


BANNED = "this assignment forbids torch's operator `conv2d`"
FILES = {"toy.py": b"import torch\n\n\ndef double(x):\n    return torch.conv2d(x)\n", "lib/more.py": b""}


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("toy.py, line 5, in double: return torch.conv2d(x)", " (toy.py, line 5, in double)"),
        ("toy.py, line 5, in double: # All checks passed", " (toy.py, line 5, in double)"),
        ("toy.py, line 5, in full_marks", " (toy.py, line 5)"),
        ("toy.py, line 0005, in double", " (toy.py, line 5, in double)"),
        ("toy.py, line 1", " (toy.py, line 1)"),
        ("lib/more.py, line 1, in <module>", " (lib/more.py, line 1)"),
        ("lib/more.py, line 2", ""),
        ("toy.py, line 7, in double", ""),
        ("All_checks_passed.py, line 1", ""),
        ("no line: All checks passed", ""),
        ("(All checks passed) toy.py, line 5", ""),
        ("toy.py, line 5 and full marks: x", " (toy.py, line 5)"),
        ("", ""),
    ],
)
def test_beside_the_sentence_of_a_ban_stands_no_word_that_the_submission_chose(fork, where, shown):
    fork.channel.sendall(codec.encode(codec.Answer(None)))
    fork.handle.load(FILES, "toy", 1, time.monotonic() + 20)
    fork.channel.sendall(codec.encode(codec.Raised("forbidden", "OperatorBanned", BANNED, where)))
    with pytest.raises(StudentError) as caught:
        fork.handle.ask(ASK, 1)
    assert caught.value.verdict is Verdict.FORBIDDEN
    assert caught.value.message == BANNED + shown


def test_a_fork_whose_end_does_not_come_lingers_and_it_is_said(fork, monkeypatch, caplog):
    monkeypatch.setattr(module, "ENDING_SECONDS", 0.01)
    fork.channel.close()
    assert verdict_of(fork) == (Verdict.CRASH, "the submission's process hung up")
    assert fork.handle.lingers
    whats = ["the end of a fork that hung up", "a fork's end"]
    assert caplog.messages == [f"waited 0.01 s in vain for {what}" for what in whats]
    fork.handle.kill()  # it has been waited for, once
    assert len(caplog.messages) == 2


def test_a_fork_that_hung_up_and_ends_once_it_is_killed_is_gone(fork, monkeypatch):
    monkeypatch.setattr(module, "ENDING_SECONDS", 0.01)
    fork.channel.close()
    kill = fork.handle.kill

    def killed() -> None:
        kill(wait=False)
        fork.status.send(b'{"exit": -9, "cpu_seconds": 0}')
        kill()

    monkeypatch.setattr(fork.handle, "kill", killed)
    assert verdict_of(fork) == (Verdict.CRASH, "the submission's process hung up")
    assert not fork.handle.lingers


def test_answers_asked_ahead_in_vain_that_do_not_come_are_said(fork, caplog):
    assert not fork.handle.hear_out(1, 0.01)
    assert "waited 0.01 s in vain for answers to what was asked ahead in vain" in caplog.messages


def test_a_large_request_goes_out_without_a_copy(fork):
    request = bytes(8 << 20)
    thread = threading.Thread(target=lambda: _swallow(fork.channel, len(request)), daemon=True)
    thread.start()
    with pytest.raises(StudentError, match="no answer within"):
        fork.handle.ask(request, 0.2)
    assert fork.handle._unsent.obj is request


def _swallow(channel: socket.socket, size: int) -> None:
    try:
        while size > 0 and (got := len(channel.recv(1 << 16))):
            size -= got
    except OSError:
        pass
