"""Where one homework's files are: the public folder, the reference, the hidden suite."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.spec import Assignment, SpecError, load_assignment

# Bases of classes whose objects cross the wire as what they are made of.
PLAIN = frozenset({"NamedTuple", "typing.NamedTuple", "tuple", "list", "dict", "str", "int", "float"})


FOR_STUDENT = ".for_student"  # how a suite asks for a value of the student's own


@dataclass(frozen=True)
class Mistake:
    """A typical wrong solution: the reference, with some functions replaced by wrong ones."""

    name: str
    sentence: str  # for the student
    parts: tuple[str, ...]  # where it loses points, and nowhere else
    family: str  # mistakes that behave alike share one
    overlay: str  # source of the wrong functions
    also_true: tuple[str, ...] = ()  # other families whose sentences are true of it
    replace: tuple[tuple[str, str], ...] = ()  # texts of the reference, and what stands there instead
    variants: tuple[str, ...] = ()  # assignments, "EPS = 1e-07", each of which makes the same mistake with other values
    file: str = ""  # the file that it changes; the first one where it is empty

    def replaced(self, source: str) -> str:
        """The source with its texts replaced. Raises `SpecError` where one is not there exactly once."""
        for old, new in self.replace:
            if source.count(old) != 1:
                often = "not" if old not in source else f"{source.count(old)} times"
                raise SpecError(
                    f"mistake {self.name}: REPLACE: {old!r} is {often} in the reference; there it has to be once"
                )
            source = source.replace(old, new)
        return source


@dataclass(frozen=True)
class Homework:
    """The three folders of one homework. Only the first is public."""

    assignment: Assignment
    public: Path
    reference: Path
    suite: Path

    @cached_property
    def reference_source(self) -> str:
        """The model answer."""
        return _read(self.reference / self.assignment.files[0])

    @cached_property
    def other_sources(self) -> dict[str, str]:
        """The model answer's other modules, where an assignment asks for several files."""
        return {name: _read(self.reference / name) for name in self.assignment.files[1:]}

    @cached_property
    def starter_others(self) -> dict[str, str]:
        """The starter's other modules."""
        return {name: _read(self.public / name) for name in self.assignment.files[1:]}

    def alternative_others(self, name: str) -> dict[str, str]:
        """An alternative's other modules; the reference's where it has none of its own."""
        folder = self.reference / "alternatives" / name
        return {
            file: _read(folder / file) if (folder / file).is_file() else source
            for file, source in self.other_sources.items()
        }

    @cached_property
    def classes(self) -> frozenset[str]:
        """The names of the model answer's classes, but for those whose objects are plain data and leave the sandbox."""
        try:
            tree = ast.parse(self.reference_source)
        except SyntaxError as error:
            path = self.reference / self.assignment.files[0]
            raise SpecError(f"{path}, line {error.lineno}: the model answer is no Python: {error.msg}") from error
        found = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        return frozenset(node.name for node in found if not PLAIN & {ast.unparse(base) for base in node.bases})

    @cached_property
    def starter_source(self) -> str:
        """What students receive to fill in."""
        return _read(self.public / self.assignment.files[0])

    @cached_property
    def alternatives(self) -> dict[str, str]:
        """Other correct solutions: name → source of the first module. With several modules each is a folder."""
        folder, main = self.reference / "alternatives", self.assignment.files[0]
        lone = {path.stem: path for path in folder.glob("*.py")}
        whole = {path.parent.name: path for path in folder.glob(f"*/{main}")}
        return {name: _read(path) for name, path in sorted({**lone, **whole}.items())}

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistake library, by name."""
        found = tuple(_mistake(path) for path in sorted((self.reference / "mistakes").glob("*.py")))
        known = {part.name for part in self.assignment.checked_parts}
        for mistake in found:
            for part in mistake.parts:
                if part not in known:
                    raise SpecError(f"mistake {mistake.name}: {self.assignment.name} has no part {part!r} with checks")
            if mistake.file not in ("", *self.assignment.files):
                raise SpecError(f"mistake {mistake.name}: {self.assignment.name} asks for no file {mistake.file!r}")
            mistake.replaced(self._source_of(mistake.file))
        return found

    @cached_property
    def probes_source(self) -> str:
        """Staff's own code that runs beside the student's, in the sandbox; empty where there is none."""
        path = self.public / "probes.py"
        return _read(path) if path.is_file() else ""

    @property
    def calibration_path(self) -> Path:
        """Where `grader calibrate` writes what it measured, beside the suite."""
        return self.suite / "calibration.json"

    @cached_property
    def calibration_text(self) -> str:
        """What was measured; empty where nothing was."""
        return _read(self.calibration_path) if self.calibration_path.is_file() else ""

    @cached_property
    def draws_for_students(self) -> bool:
        """Whether the suite draws values for each student, so that equal work of two is not graded as one."""
        return any(FOR_STUDENT in _read(path) for path in self.suite.rglob("*.py"))

    @cached_property
    def suite_sha256(self) -> str:
        """Names the judge: the hidden suite, the reference, the specification, and the calibration."""
        calibrated = [self.calibration_path] if self.calibration_path.is_file() else []
        return digest([*self.judging, *calibrated])

    @property
    def judging(self) -> list[Path]:
        """The files that say what is right: the hidden suite, the reference and the specification."""
        return [
            *sorted(self.suite.rglob("*.py")),
            *(self.reference / name for name in self.assignment.files),
            self.public / "assignment.toml",
            *sorted(self.public.glob("probes.py")),
            *self.assignment.data_files.values(),
        ]

    def wrong_source(self, mistakes: Iterable[Mistake]) -> str:
        """The reference with these mistakes in it: later definitions override earlier ones.

        Raises `SpecError` where two mistakes replace the same text.
        """
        return self._wrong(self.assignment.files[0], mistakes)

    def wrong_others(self, mistakes: Iterable[Mistake]) -> dict[str, str]:
        """The reference's other modules with these mistakes in them."""
        mistakes = list(mistakes)
        return {name: self._wrong(name, mistakes) for name in self.assignment.files[1:]}

    def _wrong(self, file: str, mistakes: Iterable[Mistake]) -> str:
        source = self._source_of(file)
        here = [one for one in mistakes if (one.file or self.assignment.files[0]) == file]
        for mistake in here:
            source = mistake.replaced(source)
        return "\n\n".join([source, *(mistake.overlay for mistake in here)])

    def _source_of(self, file: str) -> str:
        return self.other_sources.get(file, self.reference_source)


def digest(files: Iterable[Path]) -> str:
    """SHA-256 of files' names and contents, in hexadecimal."""
    made = hashlib.sha256()
    for path in files:
        made.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return made.hexdigest()


def find_course(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `assignments/`. Raises `SpecError`."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "assignments").is_dir():
            return folder
    raise SpecError(f"no course here: neither {start} nor a folder above it holds `assignments/`")


def load_homework(course: Path, name: str) -> Homework:
    """The homework `name` of a course. Raises `SpecError` with a sentence for staff."""
    public = course / "assignments" / name
    if not (public / "assignment.toml").is_file():
        known = ", ".join(homework_names(course)) or "none"
        raise SpecError(f"there is no assignment {name!r} in {course / 'assignments'}; there are: {known}")
    homework = Homework(
        load_assignment(public), public, course / "reference" / name, course / "tests" / "hidden" / name
    )
    for folder, what in ((homework.reference, "reference solution"), (homework.suite, "hidden suite")):
        if not folder.is_dir():
            raise SpecError(f"the {what} of {name} is missing: {folder} does not exist")
    return homework


def homework_names(course: Path) -> list[str]:
    """The course's assignments, sorted."""
    return sorted(path.parent.name for path in (course / "assignments").glob("*/assignment.toml"))


def module_from_source(name: str, source: str, path: str, others: Mapping[str, str] | None = None) -> ModuleType:
    """A module of staff's own source, run in this process. Never for anything of a student's.

    `others` are modules that it may import while it runs, by their files' names: they are its own, and nobody else's.
    """
    with _importable(path, others or {}):
        return _module(name, source, path)


@contextlib.contextmanager
def _importable(path: str, others: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile, `import layers` gives the module of this source; afterwards the name means what it meant before."""
    names = {file.removesuffix(".py"): source for file, source in others.items()}
    before = {one: sys.modules.pop(one, None) for one in names}
    finder = _Others(path, names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for one, module in before.items():
            sys.modules.pop(one, None)
            if module is not None:
                sys.modules[one] = module


class _Others(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and runs the other modules of one solution."""

    def __init__(self, path: str, sources: Mapping[str, str]) -> None:
        self._folder = Path(path).parent
        self._sources = sources

    def find_spec(self, fullname: str, *_: Any) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname in self._sources else None

    def exec_module(self, module: ModuleType) -> None:
        path = str(self._folder / f"{module.__name__}.py")
        exec(compile(self._sources[module.__name__], path, "exec"), module.__dict__)  # noqa: S102 - staff's code, too


def _module(name: str, source: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = path
    sys.modules[name] = module  # dataclasses and pickling of annotations look it up
    exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102 - staff's code is what this process is for
    return module


def _mistake(path: Path) -> Mistake:
    source = _read(path)
    try:
        tree = ast.parse(source)
        constants = {
            statement.targets[0].id: ast.literal_eval(statement.value)
            for statement in tree.body
            if isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and statement.targets[0].id in ("PARTS", "FAMILY", "ALSO_TRUE", "REPLACE", "VARIANTS", "FILE")
        }
    except (SyntaxError, ValueError) as error:
        raise SpecError(f"{path} cannot be read as a mistake: {error}") from error
    sentence = " ".join((ast.get_docstring(tree) or "").split())
    parts = constants.get("PARTS", ())
    if not sentence or not isinstance(parts, tuple) or not parts:
        raise SpecError(f"{path} needs a docstring (the sentence for the student) and PARTS, a tuple of part names")
    replace = _pairs(constants.get("REPLACE", ()))
    if replace is None:
        raise SpecError(f'{path}: REPLACE is a list of pairs of texts, [("what the reference has", "what is wrong")]')
    family, also_true = str(constants.get("FAMILY", path.stem)), tuple(constants.get("ALSO_TRUE", ()))
    variants = constants.get("VARIANTS", {})
    if not isinstance(variants, dict) or not all(isinstance(values, tuple) for values in variants.values()):
        raise SpecError(f'{path}: VARIANTS names constants of this file and other values, {{"EPS": (1e-7, 1e-10)}}')
    other = tuple(f"{name} = {value!r}" for name, values in variants.items() for value in values)
    file = str(constants.get("FILE", ""))
    return Mistake(path.stem, sentence, parts, family, source, also_true, replace, other, file)


def _pairs(value: object) -> tuple[tuple[str, str], ...] | None:
    """Pairs of texts; None where the value is something else."""
    if not isinstance(value, list | tuple):
        return None
    if not all(
        isinstance(one, tuple) and len(one) == 2 and all(isinstance(text, str) for text in one) and one[0]
        for one in value
    ):
        return None
    return tuple(value)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} cannot be read: {error}") from error
