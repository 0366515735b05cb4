"""What students train with at home is what the grader trains with, and holds none of the images that it asks about."""

from __future__ import annotations

import pytest
import torch

from grader.data import digits, shapes
from grader.homework import module_from_source
from tests.benchmarks import public_data


@pytest.mark.parametrize("path", list(public_data.files()), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_file_is_as_written(path):
    assert path.read_bytes() == public_data.files()[path]


def test_the_digits_are_those_that_are_trained_with():
    path = public_data.ASSIGNMENTS / "hw1_conv" / "digits.py"
    loader = module_from_source("home_digits", path.read_text("utf-8"), str(path))
    images, labels, others, truth = loader.load()
    known = digits.load()
    assert torch.equal(torch.cat([images, others]), known.images)
    assert torch.equal(torch.cat([labels, truth]), known.labels)
    asked = {image.numpy().tobytes() for image in known.test_images}
    assert not asked & {image.numpy().tobytes() for image in known.images}


def test_the_shapes_are_drawn_alike():
    loader = module_from_source(
        "home_shapes", public_data.generator(), str(public_data.ASSIGNMENTS / "hw6_architectures" / "shapes.py")
    )
    ours, theirs = shapes.load(3), loader.load(3)
    assert torch.equal(ours.images, theirs.images)
    assert torch.equal(ours.test_labels, theirs.test_labels)
