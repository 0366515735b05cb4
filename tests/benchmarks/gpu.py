"""`python -m tests.benchmarks.gpu`: images per second of the reference's trainings on a GPU, and of a worker's checks.

ResNet-20 and ResNet-18 are trained by the reference's own loop, whose data lies on the GPU, and by the loop of most
courses, whose DataLoader sends each batch there; both in channels_last, in bfloat16, compiled, if asked for. Prints
JSON. Without a GPU it says so, and ends with 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from grader.homework import load_homework
from grader.judging import session
from grader.judging.answers import reference_of
from grader.judging.plugin import Partly
from grader.judging.training import Trainings, training_data
from grader.outcome import Grading, Outcome, Verdict
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.sandbox.where import WhereToGrade
from tests.benchmarks.speed import submission

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = {"resnet20": 10, "resnet18": 10}  # name: classes
SHAPE = (3, 32, 32)


@dataclass(frozen=True)
class Options:
    """How both loops train."""

    channels_last: bool = False
    bfloat16: bool = False
    compiled: bool = False

    def prepared(self, model: nn.Module, images: Tensor) -> tuple[nn.Module, Tensor]:
        if self.channels_last:
            model, images = (one.to(memory_format=torch.channels_last) for one in (model, images))
        return (torch.compile(model) if self.compiled else model), images

    def precision(self, device: str) -> AbstractContextManager[Any]:
        return torch.autocast(device, torch.bfloat16) if self.bfloat16 else nullcontext()


def plain(model: nn.Module, images: Tensor, labels: Tensor, device: str) -> None:
    """One epoch as most courses write it."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    for x, y in DataLoader(TensorDataset(images.cpu(), labels.cpu()), batch_size=64, shuffle=True):
        optimiser.zero_grad()
        F.cross_entropy(model(x.to(device)), y.to(device)).backward()
        optimiser.step()


def images_per_second(name: str, device: str, images: int, options: Options) -> dict[str, float]:
    """Of the reference's loop and the plain one, in the second epoch of each: the first one compiles and warms up."""
    module = reference_of(load_homework(ROOT, "hw5_resnet"))
    x, y = torch.randn(images, *SHAPE, device=device), torch.randint(10, (images,), device=device)
    found = {}
    for loop, epoch in {
        "reference": lambda model, x: module._function("train")(model, (x, y), {"epochs": 1}),
        "DataLoader": lambda model, x: plain(model, x, y, device),
    }.items():
        model = module._function(name)(num_classes=NETWORKS[name]).to(device)
        ready, prepared = options.prepared(model, x)
        with options.precision(device), redirect_stdout(sys.stderr):
            found[loop] = images / _seconds(lambda epoch=epoch, ready=ready, x=prepared: epoch(ready, x), device)
    return found


def _seconds(run: Callable[[], object], device: str) -> float:
    run()
    _wait(device)
    started = time.perf_counter()
    run()
    _wait(device)
    return time.perf_counter() - started


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def checks_per_second(device: str, repeat: int) -> float:
    """Trainings of hw5's reference that a warm worker judges in a second, each in a fresh fork that has opened the GPU."""
    homework = load_homework(ROOT, "hw5_resnet")
    checks, measuring = session.collect_measuring(homework)
    known = {check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks}
    known = {name: outcome for name, outcome in known.items() if name not in measuring}
    work = [Partly(submission(homework, str(i), homework.reference_source), known) for i in range(repeat + 1)]
    ends: list[float] = []

    def note(grading: Grading) -> None:
        assert grading.outcomes[-1].verdict is Verdict.PASSED, grading.outcomes[-1].message
        ends.append(time.perf_counter())

    with (
        open_sandbox(homework.assignment) as zygote,
        open_trainer(homework.assignment, WhereToGrade(device=device)) as trainer,
    ):
        trainings = Trainings(homework.assignment.training, training_data(homework.assignment), None, trainer)
        session.grade(homework, work, zygote, on_graded=note, diagnose=False, trainings=trainings)
    return repeat / (ends[-1] - ends[0])


def main(arguments: list[str] | None = None) -> int:
    """Measure on the GPU, if there is one."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("channels-last", "bfloat16", "compiled"):
        asked.add_argument(f"--{name}", action="store_true")
    given = asked.parse_args(arguments)
    if not Path("/dev/nvidia0").exists():  # without a word to CUDA: workers are started first, and fork
        print("There is no CUDA GPU here: nothing is measured.")
        return 0
    options = Options(given.channels_last, given.bfloat16, given.compiled)
    found: dict[str, Any] = {"trainings judged per second": checks_per_second("cuda", 10)}
    found |= {name: images_per_second(name, "cuda", 50_000, options) for name in NETWORKS}
    print(json.dumps({"device": torch.cuda.get_device_name(), "torch": torch.__version__, **found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
