"""CIFAR-10 from a folder: read by torchvision once the checksums hold, and not touched before."""

import hashlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from grader.data import load
from grader.data.folder import VARIABLE
from grader.errors import UsageError
from tests.grader.data import cifar

TGZ = "cifar-10-python.tar.gz (MD5 c58f30108f718f92721af3b95e74349a)"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return cifar.write(tmp_path, monkeypatch)


def refused() -> str:
    with pytest.raises(UsageError) as caught:
        load("cifar10")
    return str(caught.value)


def test_images_are_what_the_files_hold(folder):
    data = load("cifar10")
    assert (data.images.shape, data.test_images.shape) == ((100, 3, 32, 32), (20, 3, 32, 32))
    assert (data.images.dtype, data.labels.dtype, data.classes) == (torch.float32, torch.int64, 10)
    with (folder / "data_batch_2").open("rb") as file:
        content = pickle.load(file)
    rows = torch.from_numpy(content["data"].reshape(-1, 3, 32, 32).astype(np.float32) / 255)
    assert torch.equal(data.images[20:40], rows)
    assert data.labels[20:40].tolist() == content["labels"]
    assert data.images.is_contiguous()


def test_the_folder_itself_may_be_named(folder, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(folder))
    assert len(load("cifar10").test_labels) == 20


def test_no_folder_is_named(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert "none is named by --data DIR" in refused()


def test_a_missing_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    said = refused()
    assert f"there is no folder {tmp_path}/nowhere/cifar-10-batches-py" in said
    assert TGZ in said


def test_a_missing_file(folder):
    (folder / "batches.meta").unlink()
    assert "batches.meta is missing" in refused()


@pytest.mark.parametrize("name", ["data_batch_1", "data_batch_5", "test_batch", "batches.meta"])
def test_a_file_that_was_cut_short(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-100])
    said = refused()
    assert (
        f"{name} ({path.stat().st_size:,} bytes) has MD5 {hashlib.md5(path.read_bytes()).hexdigest()} and not" in said
    )
    assert "cut short" in said


class Bomb:
    """Unpickled, it leaves a trace."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("name", ["data_batch_3", "test_batch", "batches.meta"])
def test_another_file_is_never_unpickled(folder, tmp_path, name):
    (folder / name).write_bytes(pickle.dumps(Bomb(tmp_path / "trace")))
    assert "is damaged" in refused()
    assert not (tmp_path / "trace").exists()


def test_a_file_that_cannot_be_read(folder):
    (folder / "test_batch").unlink()
    (folder / "test_batch").mkdir()
    assert "cannot be read" in refused()


def test_the_checksums_are_torchvisions_own():
    files = [*datasets.CIFAR10.train_list, *datasets.CIFAR10.test_list]
    assert dict(map(tuple, files))["test_batch"] == "40351d587109b95175f43aff81a1287e"
