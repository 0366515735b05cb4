"""The benchmark of trainings on a GPU, where there is none: it says so, and its parts run on a processor."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from grader.data import Data
from grader.sandbox import gpu
from tests.benchmarks import gpu as benchmark
from tests.grader.course import require_isolation


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this machine has a GPU")
def test_without_a_gpu_it_says_so(capsys):
    assert benchmark.main() == 0
    assert "There is no CUDA GPU here" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.parametrize("options", [benchmark.Options(), benchmark.Options(channels_last=True, bfloat16=True)])
def test_both_loops_train(options, monkeypatch):
    monkeypatch.setattr(benchmark, "SHAPE", (3, 8, 8))
    found = benchmark.images_per_second("resnet20", "cpu", 64, options)
    assert set(found) == {"reference", "DataLoader"}
    assert all(rate > 0 for rate in found.values())


@pytest.mark.long
def test_a_worker_judges_trainings(monkeypatch):
    require_isolation()
    monkeypatch.setattr(gpu, "missing", lambda number: "")
    assert benchmark.checks_per_second("cpu", 1) > 0


@pytest.mark.long
def test_a_class_is_graded_in_a_copy_of_the_course(tmp_path, monkeypatch):
    require_isolation()
    monkeypatch.setattr(benchmark, "TRAININGS", {"reference": "", "a fault": "raise RuntimeError('lost')"})
    found = benchmark.graded(benchmark.course_copy(tmp_path / "course"), tmp_path, "cpu")
    assert [one["verdict"] for one in found.values()] == ["passed", "error"]
    assert "| class reference | score: 100" in benchmark.table({"class": found})


@pytest.mark.long
def test_epochs_are_counted_until_the_goal(monkeypatch):
    data = Data("tiny", torch.rand(64, 1, 8, 8), torch.arange(64) % 2, torch.rand(8, 1, 8, 8), torch.arange(8) % 2, 2)
    monkeypatch.setattr(benchmark, "load", lambda *_: data)
    assert benchmark.seconds_to_goal("cpu", 0.0)["epochs"] == 1
    assert benchmark.seconds_to_goal("cpu", 2.0, epochs=2)["epochs"] == 2
