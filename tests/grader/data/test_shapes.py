"""The drawn set: what there is, that a seed decides it, and that no sum over pixels gives a class away."""

import hashlib
import time
from pathlib import Path

import pytest
import torch

from grader.data import load, shapes, training_data
from grader.seed import Seed
from grader.spec import Assignment

DATA = load("shapes", 1)


def test_shapes():
    assert (DATA.images.shape, DATA.test_images.shape) == ((shapes.TRAIN, 3, 32, 32), (shapes.TEST, 3, 32, 32))
    assert (DATA.images.dtype, DATA.labels.dtype, DATA.classes) == (torch.float32, torch.int64, 10)
    assert 0 <= float(DATA.images.min()) < float(DATA.images.max()) <= 1
    assert DATA.labels.bincount().tolist() == [shapes.TRAIN // 10] * 10
    assert DATA.test_labels.bincount().tolist() == [shapes.TEST // 10] * 10
    assert DATA.labels[:100].unique().numel() > 5  # not sorted


def test_a_seed_decides_the_images():
    again, other = shapes.load(1), shapes.load(2)
    assert torch.equal(again.images, DATA.images)
    assert torch.equal(again.test_labels, DATA.test_labels)
    assert not torch.equal(other.images, DATA.images)
    assert not torch.equal(DATA.images[: shapes.TEST], DATA.test_images)


def test_a_calibration_holds_for_every_seed_of_this_generator():
    assert load("shapes", 2).sha256 == DATA.sha256
    assert DATA.sha256 == hashlib.sha256(Path(shapes.__file__).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "statistic",
    [lambda x: x.mean((2, 3)), lambda x: x.flatten(2).std(2), lambda x: x.amax((2, 3)) - x.amin((2, 3))],
    ids=["mean colour", "contrast", "range"],
)
def test_colours_give_no_class_away(statistic):
    """The nearest class mean of a statistic guesses: 10% with a standard deviation of 1%."""
    x, test = statistic(DATA.images), statistic(DATA.test_images)
    means = torch.stack([x[DATA.labels == label].mean(0) for label in range(10)])
    right = (torch.cdist(test / x.std(0), means / x.std(0)).argmin(1) == DATA.test_labels).double().mean()
    assert right < 0.16


def test_shapes_cover_as_much_of_the_image():
    areas, steps = [], torch.linspace(-1, 1, 501)
    for inside in shapes.SHAPES:
        x, y = torch.meshgrid(steps / shapes._scale(inside), steps / shapes._scale(inside), indexing="xy")
        areas.append(float((shapes.SHAPES[inside](x, y) < 0).double().mean()))
    assert areas == pytest.approx([shapes.AREA] * 10, rel=0.03)


def test_they_are_drawn_in_seconds():
    started = time.process_time()
    shapes.load(3)
    assert time.process_time() - started < 4


@pytest.mark.long
def test_a_run_draws_from_its_secret_seed():
    training = {"net": {"data": "shapes"}}
    parts = [{"name": "x", "title": "X", "points": 1}]
    assignment = Assignment.model_validate(
        {"name": "hw0", "title": "X", "points": 1, "files": ["x.py"], "parts": parts, "training": training}
    )
    one, again, other = (training_data(assignment, Seed(secret)) for secret in (b"1" * 16, b"1" * 16, b"2" * 16))
    assert torch.equal(one.images, again.images)
    assert not torch.equal(one.images, other.images)
    assert not torch.equal(training_data(assignment).images, training_data(assignment).images)
    assert training_data(assignment.model_copy(update={"training": {}})) is None
