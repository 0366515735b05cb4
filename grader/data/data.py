"""What a data profile yields: images and labels to train with, and others to be judged on.

The labels of the test images never enter a sandbox. What is trained with does, as the same memory for all forks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Data:
    """Images (N, C, H, W), float32 from 0 to 1, and labels (N,), int64 from 0 to `classes` − 1."""

    profile: str
    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: int
    generator: str = ""  # names what drew them, where every seed draws others

    @property
    def training(self) -> dict[str, Tensor]:
        """What enters the sandbox."""
        return {"images": self.images, "labels": self.labels}

    @property
    def sha256(self) -> str:
        """Names what a calibration holds for: this data, whatever folder it came from, or its generator."""
        if self.generator:
            return self.generator
        digest = hashlib.sha256()
        for tensor in (self.images, self.labels, self.test_images, self.test_labels):
            digest.update(str(tuple(tensor.shape)).encode() + tensor.numpy().tobytes())
        return digest.hexdigest()
