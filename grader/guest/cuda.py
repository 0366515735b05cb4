"""A GPU in a fork: opened behind the fork's walls, before any of the student's code, and never in the zygote.

A CUDA context does not survive a fork, so each fork makes one of its own, while it waits for its submission. It comes
after the walls: CUDA starts threads, and a thread that is there already stays outside of Landlock and seccomp.
"""

from __future__ import annotations

import os
import platform

import torch

from grader.guest.data import DATA

WORKSPACE = ":4096:8"  # with others, cuBLAS may choose another algorithm in each run
SETTINGS = (
    "torch.use_deterministic_algorithms(True, warn_only=True)",  # warn: there are operators that have no such kernel
    "torch.backends.cudnn.deterministic = True",
    "torch.backends.cudnn.benchmark = False",
    f"CUBLAS_WORKSPACE_CONFIG={WORKSPACE}",
)


def start(device: str) -> str:
    """Open `device` ("cuda"), have it multiply two matrices, and move the training data there.

    Returns its name: "cuda:0 (NVIDIA H100)". Raises `OSError` where it does not answer, or answers something else.
    """
    try:
        return _start(device)
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise OSError(f"{device} does not start: {lines[0]}") from error


def _start(device: str) -> str:
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = WORKSPACE  # read by cuBLAS when it starts
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    ones = torch.ones(64, 64, device=device)
    if (ones @ ones).sum().item() != 64**3:
        raise ValueError("it multiplies two matrices, and the product is wrong")
    for name in DATA:
        DATA[name] = DATA[name].to(device)
    return f"{ones.device} ({torch.cuda.get_device_name() if device == 'cuda' else platform.machine()})"


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that the GPU's memory is used up."""
    words = ("CUDA out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDA error: out of memory")
    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error) for word in words)
