"""Writes what a student needs to train at home: digits.npy and its loader, and for homework 6 the shapes' generator.

    python -m tests.benchmarks.public_data

The digits are those that a grading trains with. The 500 that it asks about stay with the grader.
"""

from __future__ import annotations

import inspect
import io
from pathlib import Path

import numpy as np

from grader.data import data, digits, shapes

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
OF_DIGITS = ("hw1_conv", "hw2_backprop", "hw5_resnet")
LOADER = '''"""The digits that a grading trains with, for training at home: 1,297 images of 8×8 pixels.

They are from the UCI repository's "Optical Recognition of Handwritten Digits" (CC BY 4.0). A grading asks
about 500 others.
"""

from pathlib import Path

import numpy as np
import torch

TRAIN = 1000


def load():
    """Images (1000, 1, 8, 8), float32 from 0 to 1, and labels (1000,) to train with; 297 of each to be asked about."""
    table = torch.from_numpy(np.load(Path(__file__).with_name("digits.npy")))
    images, labels = table[:, :-1].reshape(-1, 1, 8, 8) / 16, table[:, -1].long()
    return images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:]
'''
SHAPES_SAY = '''"""The tournament's images, for training at home: `load(seed)` draws 2,000 to train with and 1,000 others.

A grading draws its own from a seed that nobody knows.
'''


def table() -> bytes:
    """A row for each image to train with: 64 pixels from 0 to 16 and the label, as an .npy file."""
    known = digits.load()
    pixels = (known.images * digits.LARGEST).round().numpy().reshape(len(known.images), -1)
    file = io.BytesIO()
    np.save(file, np.concatenate([pixels, known.labels.numpy()[:, None]], 1).astype(np.uint8))
    return file.getvalue()


def generator() -> str:
    """`grader/data/shapes.py` with what it imports of the grader's, so that it runs without it."""
    source = inspect.getsource(shapes)
    for old, new in (
        (
            '"""Profile `shapes`: ten classes of 3×32×32 images that a secret seed draws, so that no run\'s images were ever seen.\n',
            SHAPES_SAY,
        ),
        ("from functools import cache\n", "from dataclasses import dataclass\nfrom functools import cache\n"),
        ("from grader.data.data import Data\n\n", ""),
        (
            "\nTRAIN, TEST =",
            f"\n\n{inspect.getsource(data.Data).split('    @property')[0].rstrip()}\n\n\nTRAIN, TEST =",
        ),
    ):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def files() -> dict[Path, bytes]:
    """All that is written."""
    made = {ASSIGNMENTS / homework / "digits.npy": table() for homework in OF_DIGITS}
    made |= {ASSIGNMENTS / homework / "digits.py": LOADER.encode() for homework in OF_DIGITS}
    return made | {ASSIGNMENTS / "hw6_architectures" / "shapes.py": generator().encode()}


def main() -> None:
    """Write them."""
    for path, content in files().items():
        path.write_bytes(content)


if __name__ == "__main__":
    main()
