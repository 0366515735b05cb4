from __future__ import annotations

import io
import json
import math
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import StudentError
from grader.judging import session
from grader.judging.compare import Disagreement
from grader.seed import Seed
from tests.benchmarks import bench
from tests.benchmarks.breakdown import SECTIONS, STUDENT, TOTAL
from tests.benchmarks.checks import PlainStudent, bound, load_checks, load_module, load_probes, seeds
from tests.benchmarks.course import without_training
from tests.benchmarks.speed import pick_submissions

FOLDER = tempfile.TemporaryDirectory()
HOMEWORK = without_training(Path(FOLDER.name))
REFERENCE = HOMEWORK.reference / HOMEWORK.assignment.files[0]


@pytest.fixture(scope="module", autouse=True)
def _cleaned():
    yield
    FOLDER.cleanup()


@pytest.fixture(scope="module")
def results():
    return json.loads(json.dumps(bench.measure(HOMEWORK, n=2, rounds=1)))


def test_checks_without_pytest_are_those_that_pytest_collects():
    collected = [(check.name, check.points) for check in session.collect(HOMEWORK)]
    plain = [(check.name, float(check.function.__weight__)) for check in load_checks(HOMEWORK.suite)]
    assert plain == collected


def test_plain_seeds_are_the_sessions():
    seed = Seed(b"0123456789abcdef")
    assert seeds(seed.secret)("a label") == seed.number("a label")


def test_reference_passes_every_check_without_a_sandbox():
    reference = load_module("reference", REFERENCE)
    calls = []
    student = PlainStudent(reference, calls)
    for check in load_checks(HOMEWORK.suite):
        check.run(student, reference, seeds(b"secret"))
    assert len(calls) > 100


@pytest.mark.parametrize(
    ("layer", "error"), [(lambda x: x, Disagreement), (lambda x: 1 / 0, StudentError)], ids=["wrong", "raises"]
)
def test_a_wrong_layer_costs_no_network_without_a_sandbox_either(layer, error):
    wrong = load_module("reference", REFERENCE)
    wrong.relu_forward = layer
    suite, reference = HOMEWORK.suite, load_module("reference", REFERENCE)
    probes = load_probes(suite)
    student, reference.probes = PlainStudent(wrong, probes=probes), bound(probes, reference)
    checks = {check.name: check for check in load_checks(suite)}
    checks["test_scores"].run(student, reference, seeds(b"secret"))
    with pytest.raises(error):
        checks["test_relu_forward"].run(student, reference, seeds(b"secret"))


def test_same_arguments_are_asked_once():
    calls = []
    student = PlainStudent(load_module("reference", REFERENCE), calls)
    assert [student.output_size.once(9, 3, stride=stride) for stride in (1, 1, 2)] == [7, 7, 4]
    assert len(calls) == 2


def test_same_submissions_in_every_run():
    chosen = [[one.name for one in pick_submissions(HOMEWORK, 30)[1]] for _ in range(2)]
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) == 30


@pytest.mark.long
def test_all_three_ways_are_timed(results):
    assert results["n"] == results["scores_agree"] == 2
    for way in bench.WAYS:
        assert 0 < results["seconds"][way]["median"] <= results["seconds"][way]["p95"]
    assert all(row["calls"] > 100 and row["points"] == 100 for row in results["submissions"])


@pytest.mark.long
def test_sections_add_up(results):
    sections = {name: values["mean"] for name, values in results["sections"].items()}
    assert set(sections) == {*SECTIONS, TOTAL, STUDENT}
    assert math.isclose(sum(sections[name] for name in SECTIONS), sections[TOTAL])
    assert all(seconds >= 0 for seconds in sections.values())
    assert sections[STUDENT] > 0


@pytest.mark.long
def test_forks_and_memory_are_measured(results):
    assert [fork["what"] for fork in results["forks"]][:2] == ["all layers", "without huge pages"]
    assert len(results["forks"]) == 6
    assert all(fork["in_a_row"] > 0 and fork["alone"] > 0 for fork in results["forks"])
    assert results["memory"]["submission"]["median"] > 1


@pytest.mark.long
def test_targets_say_whether_they_are_met(results):
    for target in results["targets"]:
        if target["value"] is None:
            assert target["met"] is None
        else:
            assert target["met"] == ((target["value"] >= target["limit"]) == target["at_least"])


@pytest.mark.long
def test_tables_show_every_target(results):
    text = io.StringIO()
    bench.show(results, Console(file=text, width=160))
    assert all(target["name"] in text.getvalue() for target in results["targets"])


def test_command_that_fails_is_not_timed():
    assert bench.command_seconds("no-such-command", n=1) is None


def test_no_submissions_is_wrong_usage(tmp_path: Path):
    with pytest.raises(SystemExit) as ended:
        bench.main(["-n", "0", "--json", str(tmp_path / "bench.json")])
    assert ended.value.code == 2
