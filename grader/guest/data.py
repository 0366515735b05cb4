"""Training data in the zygote: mapped once, so that every fork finds it in its memory and none can change another's.

The judge hands over files in memory, sealed, as descriptors; each holds one tensor. A private mapping shows a fork what
all share, page by page, until it writes to a page: from then on that page is its own. So the data is neither copied
for a submission nor read from a file system that a tier would have to mount.
"""

from __future__ import annotations

import errno
import mmap
import os
from typing import Any

import numpy as np
import torch

from grader.guest import codec

FILES = "file:"  # before the name of a data file, whose bytes are kept as a tensor, too
DATA: dict[str, torch.Tensor] = {}  # by name


def receive(described: list[dict[str, Any]], descriptors: list[int]) -> None:
    """Map each file that the judge handed over: `name`, `dtype` (an index into the wire's table) and `shape`."""
    for about, descriptor in zip(described, descriptors, strict=True):
        mapped = mmap.mmap(descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        os.close(descriptor)
        array = np.frombuffer(mapped, codec.DTYPES[about["dtype"]][1]).reshape(about["shape"])
        DATA[about["name"]] = torch.from_numpy(array)


def write_files(folder: str) -> None:
    """Write the data files into a submission's folder, where it may read them: what it changes is its own copy."""
    for name, content in DATA.items():
        if name.startswith(FILES):
            path = os.path.join(folder, name.removeprefix(FILES))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
                    file.write(content.numpy().data)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EEXIST):
                    raise
