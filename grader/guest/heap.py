"""The zygote's heap, laid out so that its forks copy little of it.

A page that a fork writes to is copied first, which takes 2 to 4 µs. Importing torch leaves some 15,000 free blocks of
memory, spread over thousands of pages between what is in use. A fork would be given those first, and copy a page for
each few of them: to compile a homework alone wrote to 970. So the free blocks are used up before the first fork, which
then allocates from pages that nobody has used.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys

from grader.guest.linux import madvise_collapse

HUGE = 1 << 21  # bytes of a huge page
_BLOCKS = re.compile(r"^ *\d+ +(\d+) +\d+ +\d+ +(\d+)$", re.MULTILINE)  # class, size, pools, blocks in use, free ones
_BYTES = sys.getsizeof(b"")  # that a `bytes` takes besides what it holds
# Of C's free chunks the largest first: what is left of one is used by the next sizes.
_SIZES = (*(1 << power for power in range(16, 10, -1)), *range(1008, 8, -16))
_kept: list[object] = []


class _Mallinfo(ctypes.Structure):
    """What `mallinfo2` of the GNU C library tells."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def settle() -> int:
    """Use up the free blocks and collapse the memory into huge pages. Returns the huge pages made.

    To be called last before the first fork: whatever is freed afterwards is free again.
    """
    _use_up_python_blocks()
    _use_up_chunks()
    return _use_huge_pages()


def free_blocks() -> dict[int, int]:
    """How many free blocks Python's allocator has of each size, in bytes; empty where it has none of its own."""
    errors = os.dup(2)
    told, end = os.pipe()  # not a file in memory: a container's walls allow none
    try:
        os.set_blocking(end, False)  # more than fits into a pipe is lost, and nobody waits for it to be read
        os.dup2(end, 2)
        sys._debugmallocstats()  # prints to where errors go, and knows no other place
    finally:
        os.dup2(errors, 2)
        os.close(errors)
        os.close(end)
    with open(told) as file:
        return {int(size): int(count) for size, count in _BLOCKS.findall(file.read())}


def _use_up_python_blocks() -> None:
    for size, count in free_blocks().items():
        for _ in range(count):
            if size >= _BYTES:
                _kept.append(bytes(size - _BYTES))
            else:
                _kept.append(object() if size <= object.__basicsize__ else float("1.5"))


def _use_up_chunks() -> None:
    """Have C's allocator give all that it has, until it would take from the end of its memory."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return  # another C library, or an old one
    libc.mallinfo2.restype = _Mallinfo
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.sbrk.restype, libc.sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
    info = libc.mallinfo2()
    end = libc.sbrk(0) - info.keepcost
    left = info.fordblks - info.keepcost
    for size in _SIZES:
        while left >= size:
            chunk = libc.malloc(size)
            if chunk is None or chunk >= end:
                libc.free(chunk)
                break
            left -= size


def _use_huge_pages() -> int:
    """Collapse this process's private memory into huge pages: a fork then copies a hundredth of the page table.

    Measured with torch 2.15: a fork takes 7 ms instead of 20. Returns the pages made; 0 where the kernel cannot.
    """
    made = 0
    with open("/proc/self/maps") as maps:
        lines = maps.read().splitlines()
    for line in lines:
        span, permissions, *_, inode = line.split()[:5]
        if permissions != "rw-p" or inode != "0":
            continue
        start, end = (int(edge, 16) for edge in span.split("-"))
        if end - start < 1 << 30:  # reserved but unused regions are larger
            made += sum(madvise_collapse(page, HUGE) for page in range(-(-start // HUGE) * HUGE, end - HUGE + 1, HUGE))
    return made
