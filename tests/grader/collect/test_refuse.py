"""What would become something else than it is, is refused as a whole; one hand-in never decides that."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.collect.collect import collect
from grader.errors import UsageError
from grader.spec import Assignment, Part

PART = Part(name="a", title="A", points=1)
ASSIGNMENT = Assignment(name="hw", title="Homework", points=1, files=("norm.py",), parts=(PART,))
OTHERS = {"hw1": ("conv.py",), "hw": ("norm.py",)}


def put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return folder


def read(folder: Path):
    return collect([folder], ASSIGNMENT, None, folder.parent / "out", others=OTHERS)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["ada_norm.py", "ben_norm.py", "cy_norm.py"], "the work of many people"),
        (["ada-norm.py", "ben-norm.py", "cy-norm.py", "dan-norm.py", "eve-norm.py", "norm.py"], "many people"),
        ([f"s100{n}.py" for n in range(6)], "the work of many people"),
        ([f"who{n}_12{n}_34{n}_norm.py" for n in range(4)] + ["x.py", "y.py"], "looks like a download of Canvas"),
        ([f"tutorial{n}/s{m}/norm.py" for n in (1, 2) for m in range(4)], "a folder of class folders"),
        ([f"tutorial/s{m}/norm.py" for m in range(4)], "a folder of class folders"),
    ],
)
def test_many_peoples_work_is_no_submission(tmp_path, names, said):
    with pytest.raises(UsageError, match=said):
        read(put(tmp_path / "in", *names))


@pytest.mark.parametrize(
    "names", [["Lee Ada hw.py", "ben_roe.py"], ["s1.py", "S2.ipynb"], ["norm.py", "s1.zip", "roe-ben.py"]]
)
def test_files_called_like_two_people_of_the_roster_are_no_submission(tmp_path, names):
    known = ["Lee, Ada", "Roe, Ben", "s1", "s2"]
    path = put(tmp_path / "in", *names)
    with pytest.raises(UsageError, match="the work of many people"):
        collect([path], ASSIGNMENT, None, tmp_path / "out", known=known)
    path = put(tmp_path / "one", "norm.py", "ada_lee.py", "s12.py", "ben.py")
    assert len(collect([path], ASSIGNMENT, None, tmp_path / "out", known=known).hand_ins) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["norm.py", "my_norm.py", "old_norm.py", "test_norm.py"],
        ["readme.py", "other.py"],
        ["norm.py", *(f"helper{n}.py" for n in range(9))],
    ],
)
def test_one_persons_work_is_one_submission(tmp_path, names):
    assert len(read(put(tmp_path / "in", *names)).hand_ins) == 1


def test_one_hand_in_of_several_decides_nothing(tmp_path):
    put(
        tmp_path / "in", "ben/norm.py", "eve/a/norm.py", "eve/b/norm.py", "eve/c/norm.py", "eve/d/norm.py", "cy/conv.py"
    )
    assert [bool(one.problem) for one in read(tmp_path / "in").hand_ins] == [False, False, True]


@pytest.mark.parametrize("end", ["/conv.py", "/x/conv.py"])
def test_the_download_of_another_homework_is_said_in_one_sentence(tmp_path, end):
    put(tmp_path / "in", *(f"s{n}{end}" for n in range(3)))
    with pytest.raises(UsageError, match=r"none of the 3 hand-ins .* this looks like a download of hw1") as caught:
        read(tmp_path / "in")
    assert "\n" not in str(caught.value)
