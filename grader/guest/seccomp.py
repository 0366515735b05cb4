"""The system calls that a submission does not get, as a BPF program.

A deny list: what torch needs changes from version to version, what a submission must not do does not. Refused calls
fail with EPERM, so that Python raises an ordinary PermissionError; `clone3` and `preadv2` fail with ENOSYS, so that
the C library falls back to `clone`, whose flags can be inspected, and to `preadv`, which has none.
"""

from __future__ import annotations

import errno
import platform
import struct

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets into struct seccomp_data

_CLONE3 = 435  # and all calls from 424 on are the same on every architecture
_PREADV2 = (327, 286)  # tells what is cached; without its flags the C library asks for preadv
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone takes (a time namespace needs clone3 or unshare)
_TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX push input into the terminal

# name: (x86_64, aarch64); None where the architecture does not have it
DENIED: dict[str, tuple[int | None, int | None]] = {
    # another program would run without the bans, and a bundled binary must not run at all
    "execve": (59, 221),
    "execveat": (322, 281),
    # other processes' memory and files
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # kernel surface that has no use in homework
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "syslog": (103, 116),
    "fanotify_init": (300, 262),
    "memfd_secret": (447, None),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "mknod": (133, None),
    "mknodat": (259, 33),
    # the clock, the host's name
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    # processor time below what is allowed: a process that it ends looks like one that was killed from outside. The C
    # library asks for prlimit64, which is inspected
    "setrlimit": (160, 164),
    # signals that say the kernel sent them: by such a one the first process of a pid namespace can kill itself, which
    # looks the same. All other ways to signal oneself stay
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    # the network: nothing to listen on, nobody to talk to (socketpair stays: it joins nobody but its maker)
    "socket": (41, 198),
    "bind": (49, 200),
    "connect": (42, 203),
    "listen": (50, 201),
    # kernel objects without a name in a file system: where an IPC namespace is shared they would outlive a submission,
    # and elsewhere the kernel takes seconds to free what they hold, after their last process is gone
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # what the kernel caches of files that all may read: a mark for the next submission
    "fadvise64": (221, 223),
    "readahead": (187, 213),
    "mincore": (27, 232),
    "cachestat": (451, 451),
}
# Where there is no mount namespace: a file in memory is none to Landlock, which alone keeps libraries out, and Landlock
# does not ask who looks on while others use files that all may read.
SHARED: dict[str, tuple[int | None, int | None]] = {
    "memfd_create": (319, 279),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
}
_CLONE = (56, 220)
_IOCTL = (16, 29)
_PRLIMIT = (302, 261)
_PROCESSOR_TIME = 0  # RLIMIT_CPU


def program(*, shared: bool = False) -> bytes:
    """The filter for this machine; `shared` refuses what only namespaces would make harmless, too.

    Raises OSError on an architecture without numbers here.
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        raise OSError(f"the seccomp filter is written for {' and '.join(_AUDIT_ARCH)}, not for {machine}")
    column = list(_AUDIT_ARCH).index(machine)
    code = [
        _instruction(_LOAD, _ARCH),
        _instruction(_JUMP_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        _instruction(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1),
        _instruction(_RETURN, _KILL),
    ]
    for numbers in [*DENIED.values(), *(SHARED.values() if shared else ())]:
        number = numbers[column]
        if number is not None:
            code += _refuse(number, errno.EPERM)
    code += _refuse(_CLONE3, errno.ENOSYS) + _refuse(_PREADV2[column], errno.ENOSYS)
    code += [  # clone with a new namespace
        _instruction(_JUMP_EQUAL, _CLONE[column], 0, 4),
        _instruction(_LOAD, _ARGUMENTS),
        _instruction(_JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    code += [  # ioctl that writes into a terminal
        _instruction(_JUMP_EQUAL, _IOCTL[column], 0, 4),
        _instruction(_LOAD, _ARGUMENTS + 8),
        _instruction(_JUMP_EQUAL, _TERMINAL_REQUESTS[0], 1, 0),
        _instruction(_JUMP_EQUAL, _TERMINAL_REQUESTS[1], 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_LOAD, _NUMBER),
    ]
    code += [  # prlimit64 with a new limit of processor time; without one it only asks
        _instruction(_JUMP_EQUAL, _PRLIMIT[column], 0, 7),
        _instruction(_LOAD, _ARGUMENTS + 8),
        _instruction(_JUMP_EQUAL, _PROCESSOR_TIME, 0, 5),
        _instruction(_LOAD, _ARGUMENTS + 16),
        _instruction(_JUMP_EQUAL, 0, 0, 2),
        _instruction(_LOAD, _ARGUMENTS + 20),  # the pointer's upper half
        _instruction(_JUMP_EQUAL, 0, 1, 0),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
    ]
    return b"".join([*code, _instruction(_RETURN, _ALLOW)])


def _refuse(number: int, error: int) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | error)]


def _instruction(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value)
