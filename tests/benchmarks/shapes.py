"""How well four networks read the profile `shapes`, over several seeds of the images and of the training.

python -m tests.benchmarks.shapes [--seeds 5] [--epochs 5]

The data is of use if a network of the right kind does better than one that only has more parameters: linear < MLP < plain
CNN < ResNet-20, each by several standard deviations. Prints the Markdown table of docs/data.md.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import nn

from grader.data import Data, load
from grader.homework import load_homework, module_from_source
from grader.judging.calibration import processor
from tests.benchmarks.speed import ROOT

BATCH = 32
PIXELS = 3 * 32 * 32


def linear() -> nn.Module:
    """Softmax regression."""
    return nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, 10))


def mlp() -> nn.Module:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(PIXELS, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    )


def cnn() -> nn.Module:
    """Three convolutions with pooling and no normalisation, then two linear layers, as LeNet has it."""
    layers: list[nn.Module] = []
    for c_in, c_out in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 16, 128), nn.ReLU(), nn.Linear(128, 10))


def resnet20() -> nn.Module:
    """The reference of hw5."""
    homework = load_homework(ROOT, "hw5_resnet")
    made: nn.Module = module_from_source("resnet", homework.reference_source, "resnet.py").resnet20(3, 10)
    return made


NETWORKS: dict[str, tuple[str, Callable[[], nn.Module], float]] = {  # name → (title, network, largest step)
    "linear": ("linear", linear, 0.001),
    "mlp": ("MLP, 3072-256-256-10", mlp, 0.03),
    "cnn": ("plain CNN, 3 convolutions", cnn, 0.06),
    "resnet20": ("ResNet-20", resnet20, 0.05),
}


def accuracy(network: nn.Module, data: Data, epochs: int, step: float) -> float:
    """Train by SGD with momentum and a step that rises and falls; the share of test images that are read right."""
    optimiser = torch.optim.SGD(network.parameters(), lr=step, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * -(-len(data.images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=step, total_steps=steps, pct_start=0.2)
    images, test = (
        (4 * (part - 0.5)).to(memory_format=torch.channels_last) for part in (data.images, data.test_images)
    )
    network.to(memory_format=torch.channels_last).train()
    for _ in range(epochs):
        for rows in torch.randperm(len(data.images)).split(BATCH):
            loss = F.cross_entropy(network(images[rows]), data.labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        scores = torch.cat([network(part) for part in test.split(500)])
    return float((scores.argmax(1) == data.test_labels).double().mean())


def measured(names: list[str], seeds: int, epochs: int) -> Iterator[str]:
    """The table, line by line, as soon as a network is done."""
    yield "| network | parameters | accuracy |"
    yield "|---|---:|---|"
    for name in names:
        title, make, step = NETWORKS[name]
        found = []
        for seed in range(seeds):
            torch.manual_seed(seed)
            found.append(accuracy(make(), load("shapes", seed), epochs, step))
        parameters = sum(one.numel() for one in make().parameters())
        spread = f"{statistics.fmean(found):.3f} ± {statistics.stdev(found):.3f}"
        yield f"| {title} | {parameters:,} | {spread} |"
    yield ""
    yield f"{seeds} seeds, {epochs} epochs each; {processor()}, torch {torch.__version__}."


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How well networks read the profile shapes.")
    parser.add_argument("networks", nargs="*", choices=[[], *NETWORKS], help="by default all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for line in measured(chosen.networks or list(NETWORKS), chosen.seeds, chosen.epochs):
        print(line, flush=True)
