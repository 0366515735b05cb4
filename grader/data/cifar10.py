"""Profile `cifar10`: the 60,000 photographs of 32×32 pixels, from a folder that staff provide; nothing is downloaded.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. torchvision reads them in the judge, and
knows the files' checksums. Its reader unpickles, so that no file is handed to it before its checksum was held.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from grader.data.data import Data
from grader.errors import UsageError

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10


def load(root: Path | None) -> Data:
    """Images (N, 3, 32, 32) in [0, 1]: 50,000 to train with and 10,000 to be judged on, in the files' order.

    Raises `UsageError` where a file is missing or has another checksum, and says where to put it.
    """
    from torchvision.datasets import CIFAR10  # takes a second, and is used for nothing else

    if root is None:
        raise UsageError(f"CIFAR-10 is read from a folder, and none is named by --data DIR. {_advice(CIFAR10)}")
    if root.name == CIFAR10.base_folder:
        root = root.parent
    _hold(root / CIFAR10.base_folder, CIFAR10)
    train, test = (CIFAR10(root, train=part, download=False) for part in (True, False))
    return Data("cifar10", *_tensors(train), *_tensors(test), classes=len(train.classes))


def _hold(folder: Path, cifar10: type[CIFAR10]) -> None:
    """Raise a sentence about the first file whose checksum is not the one that torchvision knows."""
    files = [*cifar10.train_list, *cifar10.test_list, (cifar10.meta["filename"], cifar10.meta["md5"])]
    if not folder.is_dir():
        raise UsageError(f"CIFAR-10 is not here: there is no folder {folder}. {_advice(cifar10)}")
    for name, md5 in files:
        path = folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UsageError(f"CIFAR-10 is not whole: {path} is missing. {_advice(cifar10)}") from None
        except OSError as error:
            raise UsageError(f"CIFAR-10 cannot be read: {path}: {error.strerror}") from error
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found != md5:
            raise UsageError(
                f"CIFAR-10 is damaged: {path} ({len(content):,} bytes) has MD5 {found} and not {md5}; it was cut short "
                f"or is another file. {_advice(cifar10)}"
            )


def _advice(cifar10: type[CIFAR10]) -> str:
    return (
        f"Unpack {cifar10.filename} (MD5 {cifar10.tgz_md5}) so that DIR/{cifar10.base_folder}/ holds "
        f"{cifar10.train_list[0][0]} to {cifar10.test_list[-1][0]} and {cifar10.meta['filename']}"
    )


def _tensors(part: CIFAR10) -> tuple[Tensor, Tensor]:
    """torchvision's bytes (N, 32, 32, 3) as images, and its list as labels."""
    pixels = torch.from_numpy(np.ascontiguousarray(part.data.transpose(0, 3, 1, 2)))
    return pixels.float().div_(255), torch.tensor(part.targets, dtype=torch.int64)
