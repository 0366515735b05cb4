"""`make gpu`: what has only ever been seen on a GPU, in eight minutes on a machine with one; a JSON file and a table.

In a copy of the course hw5 is calibrated with few seeds, and a class is graded with `--device cuda` in tier `namespaces`:
the reference, a training that takes too much of the GPU's memory, one that never ends, one that loses the device, and the
reference again, which must not notice. Then trainings that a warm worker judges; images per second of ResNet-20 and
ResNet-18, by the reference's own loop and by that of most courses, plain and in channels_last, bfloat16 and compiled, in
turn; and the seconds until ResNet-20 knows the drawn shapes. What fails is said in its place, and the rest goes on.
Nothing is fetched from anywhere. Without a GPU it says so, and ends with 0.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
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

from grader.data import load
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
OUT = ROOT / "out" / "gpu"
SECONDS = 480.0  # after so many, no further part is begun
SEEDS = 20  # trainings of the reference: the least that a calibration takes
GOAL = 0.9  # of the drawn shapes
CALIBRATE = """
import sys
from grader.commands import calibrate
from grader.commands.cli import main
calibrate.OTHER_RUNS = 1
main(["calibrate", "hw5_resnet", "--device", "cuda", "--seeds", sys.argv[2], "--checks", "0", "--course", sys.argv[1]])
"""
TRAININGS = {
    "reference": "",
    "too much memory": "torch.empty(1 << 44, dtype=torch.uint8, device=data[0].device)",
    "never ends": "while True: pass",
    "device lost": "torch.zeros(4, device=data[0].device)[torch.tensor([9], device=data[0].device)].sum().item()",
    "reference again": "",
}
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


def course_copy(folder: Path) -> Path:
    """hw5 with a calibration to be made, so that this checkout stays as it is."""
    for name in ("assignments", "reference", "tests/hidden"):
        shutil.copytree(ROOT / name / "hw5_resnet", folder / name / "hw5_resnet")
    return folder


def calibrated(course: Path, seeds: int = SEEDS) -> str:
    """Calibrate hw5 on the GPU. Returns the last line that is said of it."""
    said = _run([sys.executable, "-c", CALIBRATE, str(course), str(seeds)])
    return said.strip().splitlines()[-1]


def graded(course: Path, folder: Path, device: str = "cuda") -> dict[str, dict[str, Any]]:
    """The class of `TRAININGS`, graded: what became of each one's training."""
    source = load_homework(course, "hw5_resnet").reference_source
    for name, fault in TRAININGS.items():
        path = folder / "class" / name.replace(" ", "_") / "resnet.py"
        path.parent.mkdir(parents=True)
        wrong = f"\n\n_right = train\n\n\ndef train(model, data, budget):\n    {fault}\n    return _right(model, data, budget)\n"
        path.write_text(source + wrong * bool(fault) + f"# {name}\n", "utf-8")
    command = [sys.executable, "-m", "grader", "grade", "hw5_resnet", str(folder / "class"), "-o", str(folder / "run")]
    _run([*command, "--device", device, "--isolation", "namespaces", "-j", "1", "--course", str(course)])
    found = {}
    for name in TRAININGS:
        report = json.loads((folder / "run" / name.replace(" ", "_") / "report.json").read_text("utf-8"))
        (training,) = [check for check in report["checks"] if check["part"] == "training"]
        found[name] = {
            "score": report["score"],
            **{key: training[key] for key in ("verdict", "message")},
            **{key: report["provenance"][key] for key in ("device", "seconds", "protections")},
        }
    return found


def _run(command: list[str]) -> str:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"it ended with {ran.returncode}: {(ran.stdout + ran.stderr)[-2000:]}")
    return ran.stdout


def seconds_to_goal(device: str, goal: float = GOAL, epochs: int = 30) -> dict[str, float]:
    """Seconds and epochs until ResNet-20, trained by the plain loop, is right about so many of the unseen drawn shapes."""
    data = load("shapes", 1)
    images, labels = data.images.to(device), data.labels.to(device)
    x, y = data.test_images.to(device), data.test_labels.to(device)
    make = reference_of(load_homework(ROOT, "hw5_resnet"))._function("resnet20")
    model = make(in_channels=images.shape[1], num_classes=data.classes).to(device)
    started = time.perf_counter()
    accuracy, done = 0.0, 0
    while done < epochs and (not done or accuracy < goal):
        done += 1
        model.train()
        plain(model, images, labels, device)
        model.eval()
        with torch.no_grad():
            accuracy = (model(x).argmax(1) == y).double().mean().item()
    return {"seconds": time.perf_counter() - started, "epochs": done, "accuracy": accuracy}


def in_turn(name: str, device: str, images: int) -> dict[str, dict[str, float]]:
    """Images per second of a network, plain and with everything that makes it faster."""
    every = Options(channels_last=True, bfloat16=True, compiled=True)
    return {
        how: images_per_second(name, device, images, options)
        for how, options in {"plain": Options(), "channels_last, bfloat16, compiled": every}.items()
    }


def table(found: dict[str, Any]) -> str:
    """What was found, for people."""
    rows = ["| what | |", "|---|---|"]
    for name, value in found.items():
        inner = value if isinstance(value, dict) else {"": value}
        rows += [f"| {' '.join(filter(None, [name, key]))} | {_spelt(one)} |" for key, one in inner.items()]
    return "\n".join(rows) + "\n"


def _spelt(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_spelt(one)}" for key, one in value.items())
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """Measure on the GPU, if there is one."""
    if not Path("/dev/nvidia0").exists():  # without a word to CUDA: workers are started first, and fork
        print("There is no CUDA GPU here: nothing is measured.")
        return 0
    found: dict[str, Any] = {}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        course = course_copy(folder / "course")
        parts: dict[str, Callable[[], Any]] = {
            "calibration": lambda: calibrated(course),
            "class": lambda: graded(course, folder),
            "trainings judged per minute": lambda: 60 * checks_per_second("cuda", 10),
            "device": torch.cuda.get_device_name,
            "images per second, ResNet-20": lambda: in_turn("resnet20", "cuda", 50_000),
            "images per second, ResNet-18": lambda: in_turn("resnet18", "cuda", 50_000),
            f"shapes to {GOAL:.0%}": lambda: seconds_to_goal("cuda"),
        }
        for part, measure in parts.items():
            if time.monotonic() - started > SECONDS:
                found[part] = "not begun: the time was up"
                continue
            try:
                found[part] = measure()
            except Exception as error:  # noqa: BLE001 - the other parts are worth having
                found[part] = f"FAILED: {error}"
            print(table({part: found[part]}), flush=True)
    found |= {"torch": torch.__version__, "seconds": time.monotonic() - started}
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "gpu.json").write_text(json.dumps(found, indent=1), "utf-8")
    (OUT / "gpu.md").write_text(table(found), "utf-8")
    print(f"{OUT / 'gpu.json'} and {OUT / 'gpu.md'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
