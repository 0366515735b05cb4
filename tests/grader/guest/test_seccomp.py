"""The filter, run in an interpreter of our own: what each architecture refuses, allows and kills."""

from __future__ import annotations

import errno
import platform
import struct

import pytest

from grader.guest import seccomp

ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": 0, "aarch64": 1}
ALLOW, KILL, PERMISSION, ABSENT = 0x7FFF0000, 0x80000000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS


def run(program: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the filter returns for a system call: classic BPF, as the kernel runs it."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    code = [struct.unpack("HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(operation)


@pytest.fixture(params=list(ARCH))
def machine(request, monkeypatch) -> str:
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return request.param


def test_every_denied_call_is_refused(machine):
    program = seccomp.program()
    for name, numbers in seccomp.DENIED.items():
        number = numbers[COLUMN[machine]]
        if number is not None:
            assert run(program, ARCH[machine], number) == PERMISSION, name


def test_ordinary_calls_pass(machine):
    program = seccomp.program()
    ordinary = {"x86_64": (0, 1, 3, 9, 60, 202, 257), "aarch64": (63, 64, 57, 222, 93, 98, 56)}[machine]
    assert {run(program, ARCH[machine], number) for number in ordinary} == {ALLOW}


def test_what_leaves_marks_for_the_next_submission_is_refused(machine):
    names = {"shmget", "semget", "msgget", "mq_open", "fadvise64", "readahead", "mincore", "cachestat"}
    assert names <= set(seccomp.DENIED)
    preadv2 = {"x86_64": 327, "aarch64": 286}[machine]
    assert run(seccomp.program(), ARCH[machine], preadv2) == ABSENT  # and the C library asks for preadv


@pytest.mark.parametrize(("shared", "found"), [(False, ALLOW), (True, PERMISSION)])
def test_files_in_memory_are_refused_where_landlock_stands_alone(machine, shared, found):
    memfd_create = {"x86_64": 319, "aarch64": 279}[machine]
    assert run(seccomp.program(shared=shared), ARCH[machine], memfd_create) == found


def test_clone3_is_absent(machine):
    assert run(seccomp.program(), ARCH[machine], 435) == ABSENT


@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
def test_clone_into_a_new_namespace_is_refused_and_a_thread_is_not(machine, flag):
    clone = {"x86_64": 56, "aarch64": 220}[machine]
    program = seccomp.program()
    assert run(program, ARCH[machine], clone, flag | 17) == PERMISSION
    assert run(program, ARCH[machine], clone, 0x3D0F00) == ALLOW  # what pthread_create asks for


def test_pushing_input_into_the_terminal_is_refused(machine):
    ioctl = {"x86_64": 16, "aarch64": 29}[machine]
    program = seccomp.program()
    assert run(program, ARCH[machine], ioctl, 0, 0x5412) == PERMISSION
    assert run(program, ARCH[machine], ioctl, 0, 0x541C) == PERMISSION
    assert run(program, ARCH[machine], ioctl, 0, 0x5401) == ALLOW


def test_a_limit_of_processor_time_is_refused_and_others_are_not(machine):
    prlimit = {"x86_64": 302, "aarch64": 261}[machine]
    program = seccomp.program()
    for pointer in (0x7FFF_0000_1000, 0x1000, 0x7FFF_0000_0000):
        assert run(program, ARCH[machine], prlimit, 0, 0, pointer) == PERMISSION
        assert run(program, ARCH[machine], prlimit, 0, 3, pointer) == ALLOW  # RLIMIT_STACK, for a deep recursion
    assert run(program, ARCH[machine], prlimit, 0, 0, 0, 0x1000) == ALLOW  # only asks


def test_a_signal_in_the_kernels_name_is_refused_and_ordinary_ones_are_not(machine):
    naming = {"x86_64": (129, 297, 424), "aarch64": (138, 240, 424)}[machine]
    ordinary = {"x86_64": (62, 200, 234), "aarch64": (129, 130, 131)}[machine]  # kill, tkill, tgkill
    program = seccomp.program()
    assert {run(program, ARCH[machine], number, 1, 9) for number in naming} == {PERMISSION}
    assert {run(program, ARCH[machine], number, 1, 9) for number in ordinary} == {ALLOW}


def test_calls_of_another_architecture_kill(machine):
    program = seccomp.program()
    assert run(program, 0x40000003, 11) == KILL  # 32-bit x86, where 11 is execve
    assert run(program, ARCH[machine], 0x40000000 | 59) == KILL  # the x32 interface


def test_numbers_are_told_apart():
    for column in (0, 1):
        numbers = [pair[column] for pair in seccomp.DENIED.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_unknown_architecture_is_no_filter(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="not for riscv64"):
        seccomp.program()
