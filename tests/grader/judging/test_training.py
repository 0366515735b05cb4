"""Accuracy as a measurement: a homework whose network is trained on digits, and all that a training may come to."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grader.commands.cli import main
from grader.commands.selfcheck.selfcheck import selfcheck
from grader.data import load
from grader.errors import InfraError
from grader.homework import Homework, load_homework
from grader.intake.submission import Submission
from grader.judging import calibration, session
from grader.judging.calibration import Calibration, Ramp, threshold
from grader.judging.plugin import RETRIES
from grader.judging.training import POINTS, Trainings, curves, share
from grader.outcome import Curve, Grading, Measurement, Place, Verdict
from grader.sandbox import gpu
from grader.sandbox.opening import open_sandbox, open_trainer
from grader.sandbox.trainer import Trainer
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.spec import SpecError, load_assignment
from tests.grader import means
from tests.grader.course import require_isolation
from tests.grader.means import REFERENCE


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> Homework:
    """Calibrated by the command, as staff would."""
    require_isolation()
    root = means.write(tmp_path_factory.mktemp("course"))
    said = CliRunner().invoke(main, ["calibrate", "hw0", "--seeds", "20", "--checks", "2", "--course", str(root)])
    assert said.exit_code == 0, said.output
    assert "means on digits (cpu)" in said.output
    return load_homework(root, "hw0")


@pytest.fixture(scope="module")
def zygote(homework: Homework) -> Iterator[Zygote]:
    with open_sandbox(homework.assignment) as opened:
        yield opened


@pytest.fixture
def grade(homework: Homework, zygote: Zygote) -> Callable[..., Grading]:
    def one(source: str, seed: Seed | None = None) -> Grading:
        graded: list[Grading] = []
        submission = Submission("ada", {"hw0.py": (REFERENCE + source).encode()}, source, "ada")
        session.grade(homework, [submission], zygote, on_graded=graded.append, seed=seed)
        return graded[0]

    return one


@pytest.mark.long
def test_what_calibration_writes(homework):
    made = calibration.read(homework)
    (ramp,) = made.ramps
    assert len(ramp.accuracies) == 20
    assert ramp.full_at == min(ramp.mean - 4 * ramp.sd, *ramp.accuracies)
    assert (ramp.none_from, ramp.data_sha256) == ("half_the_classes", load("digits").sha256)
    assert ramp.none_at < ramp.full_at < ramp.mean
    assert 0 < ramp.false_fail < 0.005
    (spread,) = made.spreads
    assert (spread.check, spread.comparisons) == ("test_distance", 4)
    assert 0 <= spread.used < 0.1


@pytest.mark.long
def test_selfcheck_holds_with_a_training(homework):
    matrix = selfcheck(homework, Seed.fresh())
    assert matrix.faults == []


@pytest.mark.long
def test_a_selfcheck_waits_for_a_slow_training_and_tells_of_it(homework, tmp_path):
    allowed = homework.assignment.training["means"].seconds
    reference = shutil.copytree(homework.reference, tmp_path / "reference")
    slow = REFERENCE + train(f"import time; time.sleep({allowed + 0.1}); return _train(images, labels, epochs, seed)")
    (reference / "alternatives/slow.py").write_text(slow)
    matrix = selfcheck(replace(homework, reference=reference), Seed.fresh())
    assert matrix.faults == []
    assert "alternative slow trained for 3 s in test_accuracy, where 3 s are allowed" in " ".join(matrix.notes)


@pytest.mark.long
def test_full_points_come_with_the_measurement(grade):
    grading = grade("")
    outcome = grading.outcomes[1]
    assert (outcome.verdict, outcome.earned) == (Verdict.PASSED, 10)
    measured = outcome.measurement
    assert measured.accuracy == measured.accuracies[0] >= measured.full_at
    assert [curve.name for curve in measured.curves] == ["loss"]
    assert len(measured.curves[0].values) == 2
    assert [(curve.name, len(curve.values)) for curve in measured.reference] == [("loss", 2)]


@pytest.mark.long
def test_a_training_that_diverges_has_its_curve_and_names_the_function(grade):
    outcome = grade(train("return _train(images, labels, epochs, seed) * float('nan')")).outcomes[1]
    assert (outcome.verdict, outcome.earned) == (Verdict.FAILED, 0)
    assert outcome.message == "the scores hold NaN or infinity: the training diverged"
    assert (outcome.asked.function, outcome.line.function) == ("train", "train")
    assert [curve.name for curve in outcome.measurement.curves] == ["loss"]
    assert outcome.measurement.accuracy == 0


@pytest.mark.parametrize(
    "source", ["", "\n\ndef train(images, labels, epochs, seed):\n    return torch.zeros(10, 64)\n"]
)
@pytest.mark.long
def test_the_accuracy_is_told_whatever_it_earns(grade, source):
    outcome = grade(source).outcomes[1]
    assert outcome.place == Place("accuracy", outcome.measurement.accuracy)


@pytest.mark.long
def test_the_same_seed_measures_the_same(grade):
    seed = Seed.fresh()
    one, other = (grade("", seed).outcomes[1].measurement for _ in range(2))
    assert one.accuracies == other.accuracies


HALF_RIGHT = """
_right = scores


def scores(images, model):
    wrong = torch.arange(len(images)) % 5 == 0
    answers = _right(images, model)
    answers[wrong] = 0.0
    answers[wrong, 0] = 1.0
    return answers
"""


@pytest.mark.long
def test_a_result_in_the_grey_zone_is_measured_again(grade):
    outcome = grade(HALF_RIGHT).outcomes[1]
    measured = outcome.measurement
    assert outcome.verdict is Verdict.FAILED
    assert len(measured.accuracies) == 3
    assert measured.accuracy == sorted(measured.accuracies)[1]
    assert outcome.earned == 10 * share(measured)
    assert 0 < outcome.earned < 10
    assert "the median of 3 trainings" in outcome.message


def train(body: str) -> str:
    return f"\n_train = train\n\n\ndef train(images, labels, epochs, seed):\n    {body}\n"


BAD = {
    "nothing learned": (train("return torch.zeros(10, 64)"), Verdict.FAILED, "Every image is taken for class 0"),
    "trained on nothing": (
        train("return torch.randn(10, 64, generator=torch.Generator().manual_seed(seed))"),
        Verdict.FAILED,
        "of the test images are recognised",
    ),
    "nothing returned": (train("return None"), Verdict.ERROR, "'NoneType' object"),
    "another number of classes": (
        train("return torch.zeros(9, 64)"),
        Verdict.FAILED,
        "(500, 9); (500, 10) is asked for",
    ),
    "diverged": (train("return torch.full((10, 64), float('nan'))"), Verdict.FAILED, "the training diverged"),
    "endless": (train("while True: pass"), Verdict.TIMEOUT, "no answer within 3 s, the time allowed for this training"),
    "trains on past its epochs": (
        train("while True: _train(images, labels, epochs, seed)"),
        Verdict.TIMEOUT,
        "within 3 s",
    ),
    "sleeps": (train("import time; time.sleep(8)"), Verdict.TIMEOUT, "within 3 s"),
    "takes 30 GB": (train("return torch.ones(30 << 28)"), Verdict.MEMORY, "memory"),
    "fills the disk": (
        train("[open(f'/tmp/{i}', 'wb').write(bytes(1 << 20)) for i in range(10_000)]"),
        Verdict.ERROR,
        "No space left",
    ),
    "ten gigabytes of checkpoints": (
        train("[torch.save(torch.ones(1 << 20), f'/tmp/{i}.pt') for i in range(2500)]"),
        Verdict.ERROR,
        "",
    ),
    "ends its process": (train("import os; os._exit(0)"), Verdict.CRASH, "ended its own process"),
    "integers": (
        "\ndef scores(images, model):\n    return torch.ones(len(images), 10, dtype=torch.int64)\n",
        Verdict.FAILED,
        "dtype int64",
    ),
    "no tensor": (
        "\ndef scores(images, model):\n    return [3] * len(images)\n",
        Verdict.FAILED,
        "a torch.Tensor is asked",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize(("source", "verdict", "message"), BAD.values(), ids=BAD)
def test_bad_trainings(grade, source, verdict, message):
    first, outcome = grade(source).outcomes
    assert first.verdict is Verdict.PASSED
    assert outcome.verdict is verdict
    assert message in outcome.message
    assert outcome.earned == 0


UNUSUAL = {
    "a million lines": "[print('loss 0.5\\n' * 1000) for _ in range(1000)]; return _train(images, labels, epochs, seed)",
    "five times the epochs": "return _train(images, labels, 5 * epochs, seed)",
    "small checkpoints": "model = _train(images, labels, epochs, seed); torch.save(model, '/tmp/model.pt'); return model",
}


@pytest.mark.parametrize("body", UNUSUAL.values(), ids=UNUSUAL)
@pytest.mark.long
def test_trainings_that_cost_nobody_points(grade, body):
    outcome = grade(train(body)).outcomes[1]
    assert (outcome.verdict, outcome.earned) == (Verdict.PASSED, 10)
    assert all(len(curve.values) <= POINTS for curve in outcome.measurement.curves)


@pytest.mark.long
def test_a_training_changes_its_own_copy_of_the_data_only(grade):
    spoils = """
_train = train


def train(images, labels, epochs, seed):
    model = _train(images, labels, epochs, seed)
    images.zero_()
    labels.zero_()
    return model
"""
    assert grade(spoils).outcomes[1].verdict is Verdict.PASSED
    assert grade("").outcomes[1].verdict is Verdict.PASSED


@pytest.mark.long
def test_only_what_is_trained_with_enters_the_sandbox(grade):
    look = "from grader.guest.data import DATA; raise ValueError({name: len(one) for name, one in DATA.items()})"
    assert "{'images': 1297, 'labels': 1297}" in grade(train(look)).outcomes[1].message


WRONG = "\ndef distance(x, y):\n    return (x[:, None] - y[None]).abs().sum(2)\n"


@pytest.mark.long
def test_a_training_with_a_wrong_part_is_measured_all_the_same(grade):
    first, outcome = grade(WRONG).outcomes
    assert first.verdict is Verdict.FAILED
    assert outcome.measurement is not None
    assert outcome.earned == 10 * share(outcome.measurement)


@pytest.mark.long
def test_who_trains_badly_with_a_wrong_part_reads_where_to_look(grade):
    outcome = grade(WRONG + train("return torch.zeros(10, 64)")).outcomes[1]
    assert (outcome.verdict, outcome.earned) == (Verdict.FAILED, 0)
    assert (
        "A part that it uses, `distance`, is not right yet: the result is wrong in all of its elements"
        in outcome.message
    )


@pytest.mark.long
def test_a_selfcheck_trains_with_sound_parts_only(homework, zygote):
    graded: list[Grading] = []
    submission = Submission("ada", {"hw0.py": (REFERENCE + WRONG).encode()}, "0", "ada")
    trainings = Trainings.calibrated(homework)
    trainings.only_sound = True
    session.grade(homework, [submission], zygote, on_graded=graded.append, trainings=trainings)
    outcome = graded[0].outcomes[1]
    assert outcome.verdict is Verdict.BLOCKED
    assert "not trained" in outcome.message


@pytest.mark.long
def test_without_calibration_nobody_is_graded(homework, tmp_path):
    bare = replace(homework, suite=tmp_path)
    with pytest.raises(InfraError, match="no calibration for cpu on digits: grader calibrate hw0 --device cpu"):
        session.grade(bare, [], None, on_graded=lambda _: None)
    (tmp_path / "calibration.json").write_text("{")
    with pytest.raises(InfraError, match="cannot be used"):
        session.grade(replace(homework, suite=tmp_path), [], None, on_graded=lambda _: None)


@pytest.mark.long
def test_a_calibration_on_other_data_is_none(homework, tmp_path):
    made = json.loads(homework.calibration_text)
    made["ramps"][0]["data_sha256"] = "0" * 64
    (tmp_path / "calibration.json").write_text(json.dumps(made))
    with pytest.raises(InfraError, match="calibrated on other data"):
        session.grade(replace(homework, suite=tmp_path), [], None, on_graded=lambda _: None)


def _epochs(course):
    path = course / "assignments" / "hw0" / "assignment.toml"
    path.write_text(re.sub(r"(?m)^epochs = [0-9]+$", "epochs = 77", path.read_text()))


def _reference(course):
    path = course / "reference" / "hw0" / "hw0.py"
    path.write_text(path.read_text() + "\n\ndef more():\n    return 1\n")


def _mistake(course):
    path = next((course / "reference" / "hw0" / "mistakes").glob("half_the_classes.py"))
    path.with_name("another.py").write_text(path.read_text())


def _words(course):
    path = course / "reference" / "hw0" / "hw0.py"
    path.write_text(f'"""Other words."""\n# a comment\n{path.read_text()}')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_epochs, "its epochs were .* and are 77: grader calibrate hw0 --device cpu"),
        (_reference, "the reference has changed: grader calibrate hw0"),
        (_mistake, "the mistakes of its part have changed: grader calibrate hw0"),
        (_words, ""),
    ],
)
@pytest.mark.long
def test_a_calibration_made_from_something_else_is_refused(homework, tmp_path, change, said):
    course = shutil.copytree(homework.public.parents[1], tmp_path / "course")
    change(course)
    changed = load_homework(course, "hw0")
    if not said:
        session.grade(changed, [], None, on_graded=lambda _: None)
        return
    with pytest.raises(InfraError, match=f"the calibration of training means is no longer valid: {said}"):
        session.grade(changed, [], None, on_graded=lambda _: None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seeds", "5"], "at least 20 trainings"),
        (["--engine", "docker", "--isolation", "bubblewrap"], "an engine belongs to isolation container"),
    ],
)
@pytest.mark.long
def test_calibrate_says_what_it_cannot_do(homework, options, said):
    ended = CliRunner().invoke(main, ["calibrate", "hw0", "--course", str(homework.public.parents[1]), *options])
    assert ended.exit_code == 2
    assert said in ended.output


@pytest.mark.long
def test_calibrate_names_an_alternative_that_often_trains_worse(tmp_path):
    """It would lose points by bad luck, and a self-check would fail by bad luck."""
    root = means.write(tmp_path)
    careless = "    if seed % 2:\n        means[8:] = 9.0\n    return means\n"
    path = root / "reference" / "hw0" / "alternatives" / "careless.py"
    path.write_text(REFERENCE.replace("    return means\n", careless))
    ended = CliRunner().invoke(main, ["calibrate", "hw0", "--seeds", "20", "--checks", "0", "--course", str(root)])
    assert ended.exit_code == 1, ended.output
    assert re.search(r"alternative careless: \d+ of 20 trainings of means stay below", " ".join(ended.output.split()))
    assert "alternative loops" not in ended.output


@pytest.mark.long
def test_calibrate_names_a_mistake_that_luck_passes(tmp_path):
    root = means.write(tmp_path)
    (path,) = (root / "reference" / "hw0" / "mistakes").glob("half_the_classes.py")
    path.write_text(path.read_text().replace("    means[5:]", "    if seed % 4:\n        means[5:]"))
    ended = CliRunner().invoke(main, ["calibrate", "hw0", "--seeds", "20", "--checks", "0", "--course", str(root)])
    assert ended.exit_code == 1, ended.output
    assert "mistake half_the_classes: a training of means reaches" in " ".join(ended.output.split())


@pytest.mark.parametrize("command", ["calibrate", "grade"])
@pytest.mark.long
def test_a_gpu_that_is_not_there_is_said_before_anybody_is_graded(homework, tmp_path, monkeypatch, command):
    monkeypatch.setattr(gpu, "FOLDER", tmp_path)
    (tmp_path / "hw0.py").write_text(REFERENCE)
    more = [str(tmp_path / "hw0.py"), "-o", str(tmp_path / "out")] if command == "grade" else []
    course = ["--course", str(homework.public.parents[1])]
    ended = CliRunner().invoke(main, [command, "hw0", *more, "--device", "cuda", "--gpus", "3", *course])
    assert ended.exit_code == 3
    assert "GPU 3 was asked for, but is not in this machine" in ended.output
    assert not (tmp_path / "out").exists()


class OnGpu:
    """Grades on a stand-in for a GPU: forks that open the processor as their device."""

    def __init__(self, homework: Homework, zygote: Zygote, trainer: Trainer) -> None:
        self.homework, self.zygote, self.trainer = homework, zygote, trainer

    def grade(self, source: str = "") -> Grading:
        ramps = [ramp.model_copy(update={"device": "cuda"}) for ramp in calibration.read(self.homework).ramps]
        known = Calibration(assignment="hw0", ramps=tuple(ramps))
        trainings = Trainings(self.homework.assignment.training, load("digits"), known, self.trainer)
        graded: list[Grading] = []
        submission = Submission("ada", {"hw0.py": (REFERENCE + source).encode()}, source, "ada")
        session.grade(self.homework, [submission], self.zygote, on_graded=graded.append, trainings=trainings)
        return graded[0]


@pytest.fixture(scope="module")
def on_gpu(homework: Homework, zygote: Zygote) -> Iterator[OnGpu]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "missing", lambda number: "")
        with open_trainer(homework.assignment, WhereToGrade(device="cpu")) as trainer:
            yield OnGpu(homework, zygote, trainer)


@pytest.mark.long
def test_a_training_on_a_gpu_is_measured_and_says_what_it_was_made_on(on_gpu):
    grading = on_gpu.grade()
    assert [outcome.verdict for outcome in grading.outcomes] == [Verdict.PASSED] * 2
    assert grading.outcomes[1].measurement.device == "cuda"
    assert grading.provenance.device.startswith("cpu (")  # the stand-in's own name
    assert "torch.backends.cudnn.deterministic = True" in grading.provenance.settings


TELLS = """
import os

FOUND = "CUBLAS_WORKSPACE_CONFIG" in os.environ

_distance, _scores = distance, scores


def distance(x, y):
    return _distance(x, y) if not FOUND else _distance(x, y) * 2


def scores(images, model):
    return _scores(images, model) if FOUND else _scores(images, model) * float("nan")
"""


@pytest.mark.long
def test_trainings_alone_are_on_the_gpu(on_gpu):
    assert [outcome.verdict for outcome in on_gpu.grade(TELLS).outcomes] == [Verdict.PASSED] * 2


CLAIMS = {
    "falls off the bus": train("raise RuntimeError('CUDA error: GPU has fallen off the bus')"),
    "unspecified launch failure": train("raise RuntimeError('CUDA error: unspecified launch failure')"),
    "ECC": train("raise torch.AcceleratorError('CUDA error: uncorrectable ECC error encountered')"),
}


@pytest.mark.parametrize("source", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.long
def test_who_claims_that_the_gpu_is_lost_has_an_error(on_gpu, source):
    outcome = on_gpu.grade(source).outcomes[1]
    assert (outcome.verdict, outcome.earned) == (Verdict.ERROR, 0)


ENDS = {
    "runs out of the GPU's memory": (
        train("raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 90 GiB')"),
        Verdict.MEMORY,
        "out of the GPU's memory",
    ),
    "never ends": (train("while True: pass"), Verdict.TIMEOUT, "the time allowed for this training"),
    "ends its process": (train("import os; os._exit(0)"), Verdict.CRASH, "ended its own process"),
}


@pytest.mark.parametrize(("source", "verdict", "message"), ENDS.values(), ids=ENDS)
@pytest.mark.long
def test_trainings_that_fail_on_a_gpu(on_gpu, source, verdict, message):
    outcome = on_gpu.grade(source).outcomes[1]
    assert outcome.verdict is verdict
    assert message in outcome.message


LOST = InfraError("cuda does not start: CUDA error: unknown error")


@pytest.mark.long
@pytest.mark.parametrize("source", [train("raise RuntimeError('anything')"), ENDS["never ends"][0]])
def test_a_gpu_that_is_lost_is_our_fault_by_our_own_look_alone(on_gpu, monkeypatch, source):
    looked = []

    def look() -> None:
        looked.append(1)
        raise LOST

    monkeypatch.setattr(on_gpu.trainer, "prove", look)
    first, outcome = on_gpu.grade(source).outcomes
    assert first.verdict is Verdict.PASSED
    assert outcome.verdict is Verdict.INFRA
    assert "cuda does not start" in outcome.staff_detail
    assert len(looked) == 1 + RETRIES


@pytest.mark.long
def test_a_gpu_that_comes_back_costs_nobody_a_point(on_gpu, monkeypatch):
    take, taken = on_gpu.trainer.take, []

    def lost_once() -> object:
        taken.append(1)
        if len(taken) == 1:
            raise LOST
        return take()

    monkeypatch.setattr(on_gpu.trainer, "take", lost_once)
    assert on_gpu.grade().outcomes[1].verdict is Verdict.PASSED


@pytest.mark.skipif(not Path("/dev/nvidia0").exists(), reason="no CUDA GPU here")
@pytest.mark.long
def test_a_real_gpu(homework, zygote):
    _, after = REFERENCE.split("def train")
    source = f"\n\ndef train{after}".replace("zeros(10, 64)", "zeros(10, 64, device=images.device)")
    with open_trainer(homework.assignment) as trainer:
        grading = OnGpu(homework, zygote, trainer).grade(source)
    assert grading.provenance.device.startswith("cuda:0 (NVIDIA")
    assert grading.outcomes[1].verdict is Verdict.PASSED


def test_trainings_fit_into_the_submission(tmp_path):
    folder = tmp_path / "hw0"
    folder.mkdir()
    (folder / "assignment.toml").write_text(means.ASSIGNMENT.replace("seconds = 3\n", "seconds = 31\n"))
    with pytest.raises(SpecError, match="are more than limits"):
        load_assignment(folder)


def ramp(**changes: object) -> Ramp:
    values = dict.fromkeys(("training", "data", "data_sha256", "none_from", "hardware", "python", "torch"), "x")
    numbers = {"accuracies": (0.9,), "mean": 0.9, "sd": 0.0, "full_at": 0.9, "none_at": 0.5, "false_fail": 0.0}
    return Ramp(device="cpu", measured_at="", **{**values, **numbers, **changes})


def test_a_calibration_has_a_ramp_per_device():
    made = Calibration(assignment="x", ramps=(ramp(), ramp(training="y")))
    assert made.ramp("y", "cpu") == ramp(training="y")
    assert made.ramp("y", "cuda") is None


@given(st.floats(0, 1), st.floats(0, 0.5), st.floats(0.51, 1))
def test_points_rise_between_the_two_accuracies(accuracy, none_at, full_at):
    earned = share(measurement(accuracy, none_at, full_at))
    assert 0 <= earned <= 1
    assert (earned == 1) == (accuracy >= full_at)
    if accuracy <= none_at:
        assert earned == 0


def measurement(accuracy: float, none_at: float, full_at: float) -> Measurement:
    return Measurement("x", "digits", "cpu", (accuracy,), (1.0,), accuracy, none_at, full_at, 0.9, 0.01, 20, 1e-6)


def test_threshold():
    mean, sd, full_at, false_fail = threshold([0.9, 0.92] * 10)
    assert mean == pytest.approx(0.91)
    assert full_at == pytest.approx(0.91 - 4 * sd)
    assert false_fail == pytest.approx(2 / 21**2, rel=0.05)  # worse than all 20: 1 in 21, and then once more of two
    assert threshold([0.9] * 20)[:3] == (0.9, 0.0, 0.9)


@given(st.lists(st.floats(0, 1), min_size=20, max_size=60))
def test_no_training_that_was_seen_stays_below_the_threshold(accuracies):
    assert 0 <= threshold(accuracies)[2] <= min(accuracies)


def test_curves_are_read_from_what_is_printed():
    lines = [f"epoch {i}: loss {1 / (i + 1):.3f}, train accuracy={i / 10}" for i in range(4)]
    assert curves([*lines, "done <b>", "lr: 1e-3"]) == (
        Curve("loss", (1.0, 0.5, 0.333, 0.25)),
        Curve("train accuracy", (0.0, 0.1, 0.2, 0.3)),
    )


@given(st.lists(st.text(max_size=60), max_size=30))
def test_any_lines_are_curves_or_none(lines):
    for curve in curves(lines):
        assert 2 <= len(curve.values) <= 200


@pytest.mark.parametrize("line", ["a" * 30 + " " * 169 + "!", "a " * 100, ("a" + " " * 30) * 6, "a" * 200])
def test_a_line_takes_no_longer_to_read_for_being_odd(line):
    def seconds(of: str) -> float:
        started = time.process_time()
        for _ in range(20):
            curves([of])
        return time.process_time() - started

    usual = "loss 0.25, accuracy 0.5; " * 8
    assert seconds(line) < 100 * seconds(usual)  # it was some 10,000 times as long


def test_a_long_training_is_thinned():
    (curve,) = curves([f"loss {i}" for i in range(500)])
    assert len(curve.values) <= 200
    assert curve.values[0] == 0


def test_the_shipped_homeworks_are_calibrated():
    root = Path(__file__).parents[3]
    for path in sorted((root / "assignments").glob("*/assignment.toml")):
        known = load_homework(root, path.parent.name)
        made = calibration.read(known)
        for name, spec in known.assignment.training.items():
            found = made.ramp(name, "cpu")
            assert found is not None, f"{path.parent.name}: {name}"
            assert found.data_sha256 == load(spec.data).sha256
            assert len(found.accuracies) >= 20


def test_handouts_quote_what_was_measured():
    root = Path(__file__).parents[3]
    for path in sorted((root / "assignments").glob("*/assignment.toml")):
        text = (path.parent / "README.md").read_text("utf-8")
        for ramp in calibration.read(load_homework(root, path.parent.name)).ramps:
            for number in (ramp.none_at, ramp.full_at, ramp.mean):
                assert f"{number:.1%}" in text, f"{path.parent.name}: {ramp.training}: {number:.1%}"
