"""Leaves a named POSIX semaphore and shared memory.
class: contaminate the next
verdict: failed, error
success: litter
control: naive
"""

from multiprocessing import resource_tracker, shared_memory


def scale(x):
    try:
        shared_memory.SharedMemory("left-behind")
    except (OSError, FileNotFoundError):
        return x
    return 2 * x


def witness(x):
    memory = shared_memory.SharedMemory("left-behind", create=True, size=64)
    resource_tracker.unregister(memory._name, "shared_memory")
    return x + 1
