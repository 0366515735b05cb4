"""Profile `digits`: 1,797 handwritten digits of 8×8 pixels, carried by scikit-learn, so that nothing is downloaded.

They are the test set of the UCI repository's "Optical Recognition of Handwritten Digits". 1,297 are trained with and
500 are judged on, 50 of each digit, always the same: a threshold is then not blurred by the luck of the split.
"""

from __future__ import annotations

import gzip
import importlib.metadata

import numpy as np
import torch

from grader.data.data import Data

TEST_OF_EACH = 50
LARGEST = 16.0  # of a pixel in the source
PATH = "sklearn/datasets/data/digits.csv.gz"  # read from the package, without the second that importing it takes


def load() -> Data:
    """Images (N, 1, 8, 8) in [0, 1]. The test images of each digit are drawn once and for all, from seed 0."""
    path = importlib.metadata.distribution("scikit-learn").locate_file(PATH)
    with gzip.open(str(path), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    images = torch.from_numpy(table[:, :-1] / LARGEST).reshape(-1, 1, 8, 8).contiguous()
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    chosen = torch.cat([order[labels[order] == digit][:TEST_OF_EACH] for digit in range(10)])
    is_test = torch.zeros(len(labels), dtype=torch.bool)
    is_test[chosen] = True
    return Data("digits", images[~is_test], labels[~is_test], images[is_test], labels[is_test], 10)
