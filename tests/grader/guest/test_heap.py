"""The zygote's heap: no free blocks are left for forks to scatter their writes over."""

import subprocess
import sys

SPREAD = """
import resource
from grader.guest import heap
from grader.guest.zygote import main  # what a zygote has imported, but torch

spread = [bytes(40 + i % 400) for i in range(200_000)]
del spread[::2]  # a free block beside each that is used
before = sum(heap.free_blocks().values())
heap.settle()
print(before, sum(heap.free_blocks().values()))
"""


def test_no_free_block_is_left():
    """Of a hundred thousand free blocks between used ones, nearly none is there after the heap was settled."""
    ended = subprocess.run([sys.executable, "-c", SPREAD], capture_output=True, text=True, check=True, timeout=60)
    before, after = map(int, ended.stdout.split())
    assert before > 80_000
    assert after < 3_000  # those of pools that were begun meanwhile
    assert not ended.stderr  # what Python's allocator printed was read, and shown to nobody


def test_free_blocks_name_sizes_that_the_allocator_has():
    """The sizes are multiples of 16 up to 512 bytes, each with a number."""
    from grader.guest import heap

    blocks = heap.free_blocks()
    assert set(blocks) == set(range(16, 513, 16))
    assert all(count >= 0 for count in blocks.values())
