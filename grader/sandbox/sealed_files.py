"""Training data as files in memory, sealed: what the judge gives each zygote, once for all its forks."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


@dataclass(frozen=True)
class File:
    """One tensor in a file that nobody can change any more."""

    name: str
    dtype: int  # an index into the wire's table
    shape: tuple[int, ...]
    descriptor: int

    def close(self) -> None:
        """Give the memory back, once no zygote maps it."""
        os.close(self.descriptor)


def store(tensors: Mapping[str, Tensor]) -> tuple[File, ...]:
    """Write tensors to such files. Their dtype is one of the wire's, but not bfloat16."""
    from grader.guest import codec  # imports torch, which most commands do not need

    files = []
    for name, tensor in tensors.items():
        packer = codec.Packer()
        packer.pack(tensor)
        descriptor = os.memfd_create(f"grader {name}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(packer.buffers[0])
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
        files.append(File(name, packer.layouts[0].dtype, tuple(tensor.shape), descriptor))
    return tuple(files)
