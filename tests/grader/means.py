"""A toy homework whose "network" is the mean image of each class, to be trained on any data profile."""

from __future__ import annotations

from pathlib import Path

from tests.grader.course import write_course

ASSIGNMENT = """
name = "hw0"
title = "Means"
points = 12
files = ["hw0.py"]

[limits]
call_seconds = 2
submission_seconds = 30
memory_mb = 256
files_mb = 8

[training.means]
data = "digits"
seconds = 3
epochs = 2

[[parts]]
name = "distance"
title = "Distances"
points = 2

[[parts]]
name = "training"
title = "Training"
points = 10
"""
STARTER = """
def distance(x, y):
    raise NotImplementedError


def train(images, labels, epochs, seed):
    raise NotImplementedError


def scores(images, model):
    raise NotImplementedError
"""
PUBLIC = '''
import hw0
import torch


def test_distance():
    """The distance of a point to itself is 0."""
    assert hw0.distance(torch.ones(1, 2), torch.ones(1, 2)).item() == 0
'''
REFERENCE = """
import torch


def distance(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(2)


def train(images, labels, epochs, seed):
    draw = torch.Generator().manual_seed(seed)
    means = torch.zeros(10, 64)
    for epoch in range(epochs):
        seen = torch.randperm(len(images), generator=draw)[:300]
        x, t = images[seen].flatten(1), labels[seen]
        means += torch.stack([x[t == digit].mean(0) for digit in range(10)]) / epochs
        print(f"epoch {epoch}: loss {distance(x, means).min(1).values.mean():.3f}")
    return means


def scores(images, model):
    return -distance(images.flatten(1), model)
"""
SUITE = """
from gradescope_utils.autograder_utils.decorators import leaderboard, weight
from grader.suite import agree, part


@part("distance")
@weight(2)
def test_distance(student, reference, draws):
    '''distance is the squared distance of all pairs.'''
    agree(student.distance, reference.distance, draws.normal(3, 4), draws.normal(5, 4))


@part("training")
@weight(10)
@leaderboard("accuracy")
def test_accuracy(student, reference, draws, measure, set_leaderboard_value=None):
    '''The means of classes recognise images.'''
    x, y = draws.normal(3, 4), draws.normal(5, 4)
    measure(
        "means",
        student.train,
        lambda model, images: student.scores(images, model),
        needs=lambda: agree(student.distance, reference.distance, x, y),
        told=set_leaderboard_value,
    )
"""
MISTAKES = {
    "half_the_classes": (
        '"""You know the digits 0 to 4 only."""\n\nPARTS = ("training",)\n\n_train = train\n\n\n'
        "def train(images, labels, epochs, seed):\n"
        "    means = _train(images, labels, epochs, seed)\n"
        "    means[5:] = 9.0\n"
        "    return means\n"
    ),
    "root_taken": (
        '"""You take the root."""\n\nPARTS = ("distance",)\n\n\n'
        "def distance(x, y):\n    return ((x[:, None] - y[None]) ** 2).sum(2).sqrt()\n"
    ),
}
FEATURES = """
def features(images):
    return (images - images.mean((2, 3), keepdim=True)).square().sum(1).flatten(1)


def train("""
COLOURED = (  # the same for colour images, where a shape is what differs from its ground
    REFERENCE.replace("\ndef train(", FEATURES)
    .replace("images[seen].flatten(1)", "features(images[seen])")
    .replace("images.flatten(1)", "features(images)")
    .replace("torch.zeros(10, 64)", "torch.zeros(10, 1024)")
)


def write(folder: Path, data: str = "digits") -> Path:
    """Write its course below `folder`, which is returned."""
    assignment, reference = ASSIGNMENT, REFERENCE
    if data != "digits":
        assignment, reference = ASSIGNMENT.replace("memory_mb = 256", "memory_mb = 1024"), COLOURED
    made = write_course(
        folder,
        assignment=assignment.replace('"digits"', f'"{data}"'),
        starter=STARTER,
        reference=reference,
        suite=SUITE,
        alternatives={"loops": reference.replace("- y[None]) ** 2", "- y[None]).square()")},
        mistakes=MISTAKES,
    )
    (made / "assignments/hw0/tests/test_public.py").write_text(PUBLIC)
    return made
