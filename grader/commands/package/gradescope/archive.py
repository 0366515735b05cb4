"""`grader package gradescope`: one homework as Gradescope's autograder.zip, by a list of what may be in it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from grader.commands.package import wheels
from grader.commands.package.gradescope.settings import Settings
from grader.commands.package.image import copy_engine
from grader.errors import GraderError, UsageError
from grader.homework import Homework
from grader.sandbox import layout

SCRIPTS = ("setup.sh", "run_autograder")
TIME = (1980, 1, 1, 0, 0, 0)  # of every entry: the same course gives the same archive


def run(homework: Homework, course: Path, out: Path, source: Path | None, settings: Settings) -> int:
    """Write the archive and say what is in it. Returns the exit code."""
    entries = contents(homework, course, source, settings)
    try:
        _write(out, entries)
    except OSError as error:
        raise GraderError(f"{out} cannot be written: {error.strerror}. No incomplete file is left") from error
    size = out.stat().st_size / 1e6
    print(f"{out}: {len(entries)} files, {size:.1f} MB. It holds the hidden suite and the model answer.")
    return 0


def _write(out: Path, entries: Mapping[str, bytes | Path]) -> None:
    with tempfile.TemporaryDirectory(dir=_folder(out)) as folder:
        whole = Path(folder) / out.name
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(entries.items()):
                info = zipfile.ZipInfo(name, TIME)
                info.external_attr = (0o755 if name in SCRIPTS else 0o644) << 16
                info.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
                archive.writestr(info, content.read_bytes() if isinstance(content, Path) else content)
        whole.replace(out)


def contents(homework: Homework, course: Path, source: Path | None, settings: Settings) -> dict[str, bytes | Path]:
    """Name in the archive → content. Whatever is of no known kind is left out."""
    package = Path(__file__).parent
    entries: dict[str, bytes | Path] = {name: (package / name).read_bytes() for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as folder:
        copy_engine(Path(folder))
        for path in Path(folder).rglob("*"):
            if path.is_file():
                entries[f"engine/{path.relative_to(folder)}"] = path.read_bytes()
    for path in course_files(homework, course):
        entries[f"course/{path.relative_to(course)}"] = path.read_bytes()
    needed = (*wheels.JUDGE, *layout.distributions(homework.assignment.sandbox.packages))
    entries["requirements.txt"] = ("\n".join(wheels.requirements(needed, source)) + "\n").encode()
    entries["settings.json"] = json.dumps(asdict(settings), indent=1).encode() + b"\n"
    if settings.torch_index:
        entries["torch-index"] = settings.torch_index.encode() + b"\n"
    if source is not None:
        entries |= {f"wheels/{path.name}": path for path in wheels.chosen(needed, source)}
    return entries


def course_files(homework: Homework, course: Path) -> list[Path]:
    """What grading one homework needs: its specification, its solutions and mistakes, its suite."""
    wanted = [
        *homework.public.glob("assignment.toml"),
        *homework.public.glob("probes.py"),
        # What reports say of a check: how it called a function, the handout's section, the smallest example.
        *(homework.public / name for name in homework.assignment.files if (homework.public / name).is_file()),
        *homework.public.glob("README.md"),
        *homework.public.glob("inputs.py"),
        *(homework.reference / "alternatives").rglob("*.py"),
        *(course / "assignments").glob("course.toml"),
        *homework.reference.glob("*.py"),
        *(homework.reference / "mistakes").glob("*.py"),
        *homework.suite.rglob("*.py"),
        *homework.suite.glob("calibration.json"),
        *homework.assignment.data_files.values(),
    ]
    return sorted(path for path in wanted if path.is_file() and "__pycache__" not in path.parts)


def _folder(out: Path) -> Path:
    if not out.parent.is_dir():
        raise UsageError(f"{out} cannot be written: there is no folder {out.parent}")
    return out.parent
