"""Homework that trains on CIFAR-10 or on drawn shapes, from `grader calibrate` to a class's reports."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from grader.commands import calibrate
from grader.commands.cli import main
from grader.commands.selfcheck import known, selfcheck
from grader.data import shapes, training_data
from grader.data.folder import VARIABLE
from grader.errors import InfraError
from grader.homework import Homework, load_homework
from grader.intake.submission import Submission
from grader.judging import calibration, session
from grader.judging.diagnose import Diagnostician
from grader.judging.plugin import Partly
from grader.judging.training import Trainings
from grader.outcome import Grading, Outcome, Verdict
from grader.sandbox.opening import open_sandbox
from grader.seed import Seed
from grader.spec import Training
from tests.grader import means
from tests.grader.course import require_isolation
from tests.grader.data import cifar

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """What `--data` says is said to workers by the environment, and to no other test."""
    require_isolation()
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setattr(calibrate, "LEAST_RUNS", 3)
    monkeypatch.setattr(calibrate, "UNLUCKY", 1)  # so few trainings tell little of the next
    known = map(Seed, (bytes([number]) * 16 for number in count(1)))
    monkeypatch.setattr(Seed, "fresh", lambda: next(known))  # ... and five may all be lucky: never by chance


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def submission(folder: Path, source: str = means.COLOURED) -> Path:
    path = folder / "ada" / "hw0.py"
    path.parent.mkdir()
    path.write_text(source)
    return path.parent


@pytest.mark.long
def test_shapes_from_calibration_to_report_and_replay(tmp_path):
    course = means.write(tmp_path / "course", "shapes")
    refused = run("grade", "hw0", submission(tmp_path), "-o", tmp_path / "early", "-j", 1, "--course", course)
    assert refused.exit_code == 3
    assert "no calibration for cpu on shapes: grader calibrate hw0 --device cpu" in " ".join(refused.output.split())
    said = run("calibrate", "hw0", "--seeds", 5, "--checks", 1, "--course", course)
    assert said.exit_code == 0, said.output
    made = calibration.read(load_homework(course, "hw0")).ramp("means", "cpu")
    assert (made.data, made.data_sha256) == ("shapes", shapes.generator())
    assert len(set(made.accuracies)) > 1
    kept = run("calibrate", "hw0", "--seeds", 0, "--checks", 1, "--course", course)
    assert kept.exit_code == 0, kept.output
    assert calibration.read(load_homework(course, "hw0")).ramp("means", "cpu") == made
    graded = run("grade", "hw0", tmp_path / "ada", "-o", tmp_path / "out", "-j", 1, "--course", course)
    assert graded.exit_code == 0, graded.output
    report = tmp_path / "out" / "_staff" / "ada" / "report.json"
    check = json.loads(report.read_text())["checks"][1]
    assert check["measurement"]["data"] == "shapes"
    assert check["measurement"]["accuracy"] > 0.3
    again = run("replay", report, "--course", course)
    assert again.exit_code == 0, again.output
    proved = run("selfcheck", "hw0", "--course", course)
    assert proved.exit_code == 0, proved.output


def test_a_selfcheck_trains_on_shapes_only_where_the_mistake_is(tmp_path):
    homework = load_homework(means.write(tmp_path, "shapes"), "hw0")
    long = {check.name: check for check in session.collect(homework) if check.part == "training"}
    mistakes = [one for one in known.solutions(homework) if one.kind == "mistake"]
    in_training, elsewhere = (selfcheck._submission(homework, one, long) for one in mistakes)
    assert in_training.known == {}
    assert {name: outcome.verdict for name, outcome in elsewhere.known.items()} == {"test_accuracy": Verdict.BLOCKED}


def test_another_version_of_the_generator_asks_for_another_calibration(tmp_path, monkeypatch):
    homework = load_homework(means.write(tmp_path, "shapes"), "hw0")
    words = dict.fromkeys(("data", "none_from", "hardware", "python", "torch", "measured_at"), "x")
    numbers = {"mean": 0.5, "sd": 0.01, "full_at": 0.46, "none_at": 0.1, "false_fail": 0, "accuracies": [0.5]}
    named = {"training": "means", "device": "cpu", "data_sha256": shapes.generator()}
    ramp = {**words, **numbers, **named}
    homework.calibration_path.write_text(json.dumps({"assignment": "hw0", "ramps": [ramp]}))
    assert Trainings.calibrated(load_homework(tmp_path, "hw0")).data.classes == 10
    monkeypatch.setattr(shapes, "generator", lambda: "0" * 64)
    with pytest.raises(InfraError, match="calibrated on other data than these: grader calibrate hw0"):
        Trainings.calibrated(load_homework(tmp_path, "hw0"), Seed(b"another seed, not in the cache"))


@pytest.mark.long
def test_cifar10_is_calibrated_and_graded_from_a_folder(tmp_path, monkeypatch):
    cifar.write(tmp_path, monkeypatch)
    homework = load_homework(means.write(tmp_path / "course", "cifar10"), "hw0")
    said = run("calibrate", "hw0", "--seeds", 3, "--checks", 0, "--course", tmp_path / "course", "--data", tmp_path)
    assert said.exit_code == 0, said.output
    assert "means on cifar10 (cpu)" in said.output
    graded: list[Grading] = []
    mine = Submission("ada", {"hw0.py": means.COLOURED.encode()}, "0", "ada")
    with open_sandbox(homework.assignment) as zygote:
        session.grade(homework, [mine], zygote, on_graded=graded.append)
    measured = graded[0].outcomes[1].measurement
    assert (measured.data, len(measured.accuracies) > 0) == ("cifar10", True)


def test_without_calibration_the_command_names_the_folder(tmp_path, monkeypatch):
    cifar.write(tmp_path, monkeypatch)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    homework = load_homework(means.write(tmp_path / "course", "cifar10"), "hw0")
    with pytest.raises(InfraError, match=r"cpu on cifar10: grader calibrate hw0 --device cpu --data DIR$"):
        Trainings.calibrated(homework)


@pytest.mark.long
@pytest.mark.parametrize("command", ["grade", "calibrate", "selfcheck"])
def test_a_missing_folder_is_wrong_usage_and_no_zero(tmp_path, command):
    course = means.write(tmp_path / "course", "cifar10")
    rest = (submission(tmp_path), "-o", tmp_path / "out", "-j", 1) if command == "grade" else ()
    said = run(command, "hw0", *rest, "--course", course, "--data", tmp_path / "nowhere")
    assert said.exit_code == 2, said.output
    assert "there is no folder" in said.output
    assert not list(tmp_path.rglob("report.json"))


HW5 = load_homework(ROOT, "hw5_resnet")


def on_shapes(homework: Homework) -> Homework:
    """hw5 as a course that changes one line of its assignment.toml has it."""
    training = {"resnet20": Training(data="shapes", seconds=90, epochs=1)}
    return replace(homework, assignment=homework.assignment.model_copy(update={"training": training}))


LOOK = """


def train(model, data, budget):
    images, labels = data
    about = [tuple(images.shape), str(images.dtype), labels.bincount().tolist(), str(labels.dtype), budget["epochs"]]
    raise ValueError(f"{about} {tuple(model.conv1.weight.shape)} {model.fc.out_features}")
"""


@pytest.mark.long
def test_hw5_on_shapes_is_told_what_its_handout_says():
    homework, seed = on_shapes(HW5), Seed.fresh()
    checks, measuring = session.collect_measuring(homework)
    known = {check.name: Outcome(check, Verdict.PASSED, 0.0) for check in checks if check.name not in measuring}
    mine = Partly(Submission("ada", {"resnet.py": (HW5.reference_source + LOOK).encode()}, "0", "ada"), known)
    trainings = Trainings(homework.assignment.training, training_data(homework.assignment, seed), None)
    graded: list[Grading] = []
    with open_sandbox(homework.assignment, seed=seed) as zygote:
        session.grade(homework, [mine], zygote, on_graded=graded.append, seed=seed, trainings=trainings)
    (outcome,) = [one for one in graded[0].outcomes if one.check.part == "training"]
    assert outcome.verdict is Verdict.ERROR
    about = [(shapes.TRAIN, 3, 32, 32), str(torch.float32), [shapes.TRAIN // 10] * 10, str(torch.int64), 1]
    assert f"{about} (16, 3, 3, 3) 10" in outcome.message


@pytest.mark.long
def test_trainings_on_many_images_are_not_repeated_on_each_mistake(tmp_path, monkeypatch):
    """It would take the judge hours; a training that falls short shows its accuracy, and nothing else is trained."""
    monkeypatch.setattr(Diagnostician, "explain", lambda _, failures: pytest.fail(f"explains {[*failures]}"))
    homework, seed = load_homework(means.write(tmp_path, "shapes"), "hw0"), Seed.fresh()
    bad = means.COLOURED + "\n\ndef train(images, labels, epochs, seed):\n    raise ValueError('no')\n"
    graded: list[Grading] = []
    trainings = Trainings(homework.assignment.training, training_data(homework.assignment, seed), None)
    with open_sandbox(homework.assignment, seed=seed) as zygote:
        mine = Submission("ada", {"hw0.py": bad.encode()}, "0", "ada")
        session.grade(homework, [mine], zygote, on_graded=graded.append, seed=seed, trainings=trainings)
    outcome = graded[0].outcomes[1]
    assert (outcome.verdict, outcome.diagnosis) == (Verdict.ERROR, None)
    assert "The diagnosis failed" not in outcome.staff_detail
