"""The benchmark of trainings on a GPU, where there is none: it says so, and its parts run on a processor."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.sandbox import gpu
from tests.benchmarks import gpu as benchmark
from tests.grader.course import require_isolation


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this machine has a GPU")
def test_without_a_gpu_it_says_so(capsys):
    assert benchmark.main([]) == 0
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
