"""A small set in the format of CIFAR-10's Python files, and torchvision's class with its checksums."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from torchvision import datasets

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
EACH = 20  # images in a file


def write(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write it below `root`, and have torchvision know its checksums for those of CIFAR-10. Returns its folder."""
    folder = root / datasets.CIFAR10.base_folder
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    md5s = {}
    for name in [*(name for name, _ in [*datasets.CIFAR10.train_list, *datasets.CIFAR10.test_list])]:
        labels = [i % 10 for i in range(EACH)]
        pixels = draw.integers(0, 256, (EACH, 3072), dtype=np.uint8)
        pixels[:, :10] = np.eye(10, dtype=np.uint8)[labels] * 255
        md5s[name] = _write(folder / name, {"data": pixels, "labels": labels, "batch_label": name, "filenames": []})
    md5s["batches.meta"] = _write(folder / "batches.meta", {"label_names": NAMES, "num_vis": 3072})

    class Small(datasets.CIFAR10):
        train_list: ClassVar = [[name, md5s[name]] for name, _ in datasets.CIFAR10.train_list]
        test_list: ClassVar = [[name, md5s[name]] for name, _ in datasets.CIFAR10.test_list]
        meta: ClassVar = {**datasets.CIFAR10.meta, "md5": md5s["batches.meta"]}

    monkeypatch.setattr(datasets, "CIFAR10", Small)
    return folder


def _write(path: Path, content: object) -> str:
    path.write_bytes(pickle.dumps(content, protocol=2))
    return hashlib.md5(path.read_bytes()).hexdigest()
