"""What hw6_architectures' suite is for, told from outside: the model answer's networks are torchvision's, its counts are
torch's own, and the handout's pictures are drawn by the script.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode

from grader.homework import load_homework
from grader.judging.answers import reference_of

ROOT = Path(__file__).parents[2]
HOMEWORK = load_homework(ROOT, "hw6_architectures")
REFERENCE = reference_of(HOMEWORK)
NETWORKS = ("vgg11", "vgg16", "vgg19", "densenet121", "densenet161", "resnext50_32x4d", "resnext101_32x8d")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_model_answer_has_torchvisions_state(name):
    with torch.device("meta"):
        theirs = getattr(torchvision.models, name)().state_dict()
    ours = REFERENCE.probes.outline_of(name)
    assert ours == {entry: list(tensor.shape) for entry, tensor in theirs.items()}


def test_the_model_answer_gives_torchvisions_scores_of_vgg():
    """Of few channels: torchvision has its configuration in a function of its own."""
    config = [5, "M", 7, 6, "M"]
    features = torchvision.models.vgg.make_layers(config)
    with torch.device("meta"):
        theirs = torchvision.models.VGG(features, num_classes=4, init_weights=False)
    ours = REFERENCE.VGG(config, 4, 9).eval()
    theirs.classifier, theirs.features = ours.classifier, features
    features.load_state_dict(ours.features.state_dict())
    x = torch.randn(2, 3, 37, 30, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs.eval()(x))


@pytest.mark.parametrize(("name", "size"), [("AlexNet", 227), ("vgg16", 224), ("GoogLeNet", 224), ("densenet121", 224)])
def test_full_networks_take_images_of_their_size(name, size):
    with torch.device("meta"):
        assert getattr(REFERENCE, name)().eval()(torch.empty(2, 3, size, size)).shape == (2, 1000)


@pytest.mark.parametrize(("groups", "width"), [(1, 64), (32, 4)])
def test_multiplications_are_those_that_torch_counts(groups, width):
    layers = [3, 4, 6, 3]
    with torch.device("meta"):
        model, x = REFERENCE.ResNeXt(layers, groups, width), torch.empty(1, 3, 224, 224)
        with FlopCounterMode(display=False) as counter:
            model(x)
    assert counter.get_total_flops() == 2 * REFERENCE.bottleneck_multiplications(layers, groups, width, "3x3")


def test_the_lectures_page_names_checks_that_there_are():
    page = (ROOT / "docs" / "lecture.md").read_text("utf-8")
    suites = "".join(path.read_text("utf-8") for path in sorted((ROOT / "tests" / "hidden").glob("*/test_*.py")))
    suites += "".join(path.read_text("utf-8") for path in sorted((ROOT / "assignments").glob("*/tests/test_*.py")))
    for name in set(re.findall(r"`(test_\w+)", page)):
        assert f"def {name}(" in suites, name
    parts = {part.name for number in range(1, 7) for part in _homework(number).assignment.parts}
    for name in set(re.findall(r"`([a-z]\w+)`", page)) - {"test_accuracy"}:
        assert name in parts or name.startswith("test_"), name


def _homework(number: int):
    (folder,) = (ROOT / "assignments").glob(f"hw{number}_*")
    return load_homework(ROOT, folder.name)
