"""A student's `.py` file, folder or archive → a clean `Submission`, without running or parsing a byte of it.

Which files are taken: the assignment's files, and the other `.py` files beside and below them, so that helper modules
work. Never taken: hidden files, caches, virtual environments, links and devices, and modules with the names of the
standard library, torch or pytest. A required file may lie in a folder of its own, as long as it
lies in one place only; nothing is ever guessed.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import os
import re
import stat
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from grader.intake.archive import SUFFIXES, read_archive
from grader.intake.caps import FILE_BYTES, NOTEBOOK, NOTEBOOK_BYTES, IntakeError, NotFound, Scattered, Unreadable
from grader.intake.contents import (
    IGNORED_NAMES,
    Contents,
    as_source,
    opened,
    plain_suffix,
    read_folder,
    read_regular,
    reason,
    shown,
)
from grader.intake.notebook import module_source
from grader.spec import Assignment

__all__ = [
    "IntakeError",
    "Place",
    "Rejected",
    "Submission",
    "find_places",
    "find_submissions",
    "from_contents",
    "from_lone",
    "read_place",
    "read_submission",
]

NAME_BYTES = 100
IGNORED_SHOWN = 50
# What the judge or the reference may import: a submission must not answer to these names.
SHADOWED = sys.stdlib_module_names | {
    *("assignments", "click", "grader", "gradescope_utils", "jinja2", "msgspec", "numpy", "pandas", "pluggy"),
    *("pydantic", "pytest", "reference", "rich", "scipy", "sklearn", "tests", "torch", "torchvision"),
}
LONE = (".py", NOTEBOOK)  # files that may be a submission by themselves
# What people hand in by mistake, by its suffix.
FOREIGN = {
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pages"), "a document of a word processor"),
    ".pdf": "a PDF",
    **dict.fromkeys((".htm", ".html", ".mhtml", ".webarchive"), "a web page"),
    **dict.fromkeys((".pyc", ".pyo"), "what Python has compiled"),
    **dict.fromkeys((".7z", ".rar"), "an archive that is not opened here"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".heic"), "a picture"),
}
DOCUMENTS = tuple(suffix for suffix, what in FOREIGN.items() if what in ("a document of a word processor", "a PDF"))
# What is added in "conv (1)", "conv-1", "conv copy", "conv_v2". Possessive, so that no name takes long to read.
ADDED = re.compile(
    r"(?:[\s_-]*+(?:\(\d++\)|copy|final|version|(?:(?<=[\s_-])v)?\d++|neu|new|submission|abgabe)\)?+)++$"
)
# In a class folder these are work that we cannot read, so their owners must not go missing.
FOREIGN_SUFFIXES = (".7z", ".bz2", ".gz", ".ipynb", ".rar", ".xz", ".zst")


@dataclass(frozen=True)
class Submission:
    """What one student handed in."""

    name: str  # safe as a folder name; unique among the submissions of one `find_submissions`
    files: Mapping[str, bytes]  # relative POSIX path → content, sorted by path
    sha256: str  # of paths and contents: the same for a folder and for any archive of it
    origin: str  # the path as given
    ignored: tuple[str, ...] = ()  # printable: what was there and is not in `files`
    renamed: str = ""  # a sentence where a file stands for a required one under another name
    stand_ins: tuple[str, ...] = ()  # the names of these files
    whose: str = ""  # its students' ids, where values are drawn for each; nobody's otherwise


@dataclass(frozen=True)
class Rejected:
    """A submission that cannot be graded; `reason` is a sentence for the student and the TA."""

    name: str
    origin: str
    reason: str
    holds: tuple[str, ...] = field(default=(), compare=False)  # its sources, where none has the name that is asked for
    places: int = field(default=0, compare=False)  # in how many the file that is asked for lies, if in several

    @classmethod
    def because(cls, name: str, origin: str, error: IntakeError) -> Rejected:
        """For what an error says."""
        holds = error.holds if isinstance(error, NotFound) else ()
        return cls(name, origin, str(error), holds, error.places if isinstance(error, Scattered) else 0)


def read_submission(path: Path, assignment: Assignment) -> Submission:
    """Read one submission. A lone `.py` file may have any name if the assignment asks for a single file.

    Raises `IntakeError`, with a sentence for the student, if there is nothing that can be graded.
    """
    name, origin = safe_name(_stem(path)), _origin(path)
    try:
        with opened(path) as descriptor:
            mode = os.fstat(descriptor).st_mode
            if plain_suffix(path.name).endswith(LONE) and not stat.S_ISDIR(mode):
                read = functools.partial(read_regular, descriptor)
                return from_lone(path.name, read, assignment, name, origin)
            if (what := FOREIGN.get(path.suffix.lower())) is not None and stat.S_ISREG(mode):
                raise IntakeError(f"{shown(path.name)} is {what}. Hand in the source, {_listed(assignment.files)}.")
            if stat.S_ISDIR(mode):
                contents = read_folder(descriptor, assignment.files)
            elif stat.S_ISREG(mode):
                with open(os.dup(descriptor), "rb") as file:
                    contents = read_archive(file, assignment.files)
            else:
                raise IntakeError(f"{shown(path.name)} is neither a file nor a folder.")
            return from_contents(contents, assignment, name, origin)
    except Unreadable as error:
        raise IntakeError(f"{shown(path.name)} {error}.") from error
    except OSError as error:
        raise IntakeError(f"{shown(path.name)} cannot be read: {reason(error)}.") from error


def from_lone(file: str, read: Callable[[int], bytes], assignment: Assignment, name: str, origin: str) -> Submission:
    """The submission that one file is, a source or a notebook by the end of its name, whatever else it is called.

    `read` gives its content if that has at most so many bytes. Raises `IntakeError`, and `Unreadable` as it does.
    """
    if len(assignment.files) > 1:
        raise IntakeError(f"The assignment asks for {_listed(assignment.files)}: hand them in as a folder or archive.")
    source = (
        module_source(read(NOTEBOOK_BYTES), assignment.files)
        if plain_suffix(file).endswith(NOTEBOOK)
        else as_source(read(FILE_BYTES), assignment.files)
    )
    files = {assignment.files[0]: source}
    wanted = assignment.files[0]
    # Others call their file after themselves, which needs no words.
    is_odd = plain_suffix(file) != wanted and not file.endswith(NOTEBOOK) and _bare(plain_suffix(file)) == _bare(wanted)
    odd = PurePosixPath(file).name if is_odd or file.startswith(f"{wanted}.") else ""
    said = f"{shown(odd)} is taken as {wanted}" if odd else ""
    return Submission(name, files, files_sha256(files), origin, renamed=said, stand_ins=(PurePosixPath(file).name,))


def from_contents(contents: Contents, assignment: Assignment, name: str, origin: str) -> Submission:
    """The submission that a folder or archive holds. Raises `IntakeError` if there is nothing that can be graded."""
    before = contents.settle_suffixes()
    taken = {before.get(path, path): file for path, file in _stand_ins(contents, assignment).items()}
    plain = {odd: PurePosixPath(path).name for path, odd in before.items()}
    taken |= {odd: file for odd, file in plain.items() if file in assignment.files}
    files, ignored = _choose(contents, assignment)
    said = "; ".join(f"{shown(path)} is taken as {file}" for path, file in taken.items())
    names = tuple(PurePosixPath(path).name for path in taken)
    return Submission(name, files, files_sha256(files), origin, _capped(ignored), said, names)


@dataclass(frozen=True)
class Place:
    """Where a submission lies."""

    path: Path
    name: str  # safe as a folder name; unique among the places of one `find_places`
    stem: str  # what it is called there: a folder's or file's name without its suffix
    given: bool  # by the TA, not found in a class folder


def find_submissions(paths: Sequence[Path], assignment: Assignment) -> list[Submission | Rejected]:
    """Every submission in `paths`, see `find_places`; a bad one is `Rejected` and stops no other."""
    return [read_place(place, assignment) for place in find_places(paths, assignment)]


def find_places(paths: Sequence[Path], assignment: Assignment) -> list[Place]:
    """Where the submissions in `paths` are, in their order, with unique names.

    Several paths are one submission each. A single one may be a class folder, whose children (folders, archives, `.py`
    files, notebooks) are one submission each, sorted by name. What it is, all of them decide and no single one:
    - Of children that are whole submissions in themselves (folders with a required file in them, archives, notebooks)
      and loose `.py` files, those that there are more of; one submission if a loose one has a required name and there
      are as many.
    - Without loose files it is a class folder, and without a whole submission in it one submission with misnamed files.
    - With a single child, a folder or an archive, it is one submission that was packed once more. It keeps the outer
      name, since `submissions/*` often expands to students' folders with one `hw1/` in each; so a class folder with a
      single student in it is named like the class.

    Raises `IntakeError` if a path does not exist: that is the caller's mistake, and nothing has been graded yet.
    """
    for path in paths:
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise IntakeError(f"{shown(str(path))} does not exist.") from None
        except OSError:
            continue  # it is there; why it cannot be read is said below
    found = [place for path in paths for place in _expand(path, assignment, may_be_class=len(paths) == 1)]
    alike = Counter(path.name for path, _ in found)
    stems = []
    for path, named_by in found:
        in_common = path == named_by and path.name in assignment.files and alike[path.name] > 1
        stems.append(_absolute(path).parent.name if in_common else _stem(named_by))
    given = set(paths)
    return [
        Place(path, name, stem, given=path in given)
        for (path, _), stem, name in zip(found, stems, unique_names(stems), strict=True)
    ]


def read_place(place: Place, assignment: Assignment) -> Submission | Rejected:
    """The submission at a place, or why it cannot be graded."""
    try:
        if not place.given and os.path.islink(place.path):  # in a class folder it may be a student's; a given one not
            raise IntakeError(f"{shown(place.path.name)} is a symbolic link. Hand in the file itself.")
        return replace(read_submission(place.path, assignment), name=place.name)
    except IntakeError as error:
        return Rejected.because(place.name, _origin(place.path), error)


# ------------------------------------------------------------------------------------------------------ class folders


def _expand(path: Path, assignment: Assignment, *, may_be_class: bool) -> list[tuple[Path, Path]]:
    """The submissions that `path` stands for, each with the path that names it."""
    children = _children(path)
    packed = [child for child in children if not _is_source(child)]
    if len(children) == 1 and packed:
        return [(path if os.path.isdir(children[0]) else children[0], path)]
    if may_be_class and packed and _is_class(children, packed, assignment):
        return [(child, child) for child in sorted([*children, *_documents(path)])]
    return [(path, path)]


def _is_class(children: Sequence[Path], packed: Sequence[Path], assignment: Assignment) -> bool:
    loose = [child.name for child in children if child not in packed]
    if not loose:
        return True
    whole = [child for child in packed if _holds_work(child, assignment)]
    if any(name in assignment.files for name in loose):
        return len(whole) > len(loose)
    return len(whole) > len(loose) or any(not plain_suffix(child.name).endswith(NOTEBOOK) for child in whole)


def _children(path: Path) -> list[Path]:
    """What in a folder may be a submission, sorted; nothing for what is no readable folder."""
    try:
        children = sorted(path.iterdir())
    except OSError:
        return []
    suffixes = (*SUFFIXES, *FOREIGN_SUFFIXES)
    return [
        child
        for child in children
        if not child.name.startswith(".")
        and child.name not in IGNORED_NAMES
        and (os.path.isdir(child) or plain_suffix(child.name).lower().endswith((".py", *suffixes)))
    ]


def _documents(path: Path) -> list[Path]:
    """What in a class folder somebody handed in by mistake: they must not go missing. It decides nothing."""
    return [
        child
        for child in path.iterdir()
        if not child.name.startswith(".") and child.suffix.lower() in DOCUMENTS and not os.path.isdir(child)
    ]


def _is_source(path: Path) -> bool:
    return plain_suffix(path.name).endswith(".py") and not os.path.isdir(path)


def _holds_work(child: Path, assignment: Assignment) -> bool:
    if not os.path.isdir(child):
        return (
            plain_suffix(child.name).lower().endswith((*SUFFIXES, NOTEBOOK))
            and isinstance(found := read_place(Place(child, "", "", given=False), assignment), Submission)
            and not found.renamed
        )
    try:
        with opened(child, directory=True) as descriptor:
            sources = read_folder(descriptor).sources
    except Exception:  # noqa: BLE001 - why it cannot be read is said when it is
        return False
    return any(PurePosixPath(source).name in assignment.files for source in sources)


# ------------------------------------------------------------------------------------------------------------- choice


def _choose(contents: Contents, assignment: Assignment) -> tuple[dict[str, bytes], list[str]]:
    """The files to grade, relative to the folder that holds the required ones, and what is left out."""
    root = _root(contents, assignment)
    files: dict[str, bytes] = {}
    ignored = list(contents.ignored)
    packages = {name.partition(".")[0].replace("-", "_") for name in assignment.sandbox.packages}
    for path in contents.sources:
        inner = path.removeprefix(root)
        first = inner.split("/")[0].removesuffix(".py")
        if path.startswith(root) and (inner in assignment.files or first not in SHADOWED | packages):
            files[inner] = contents.sources[path]
        else:
            ignored.append(path)
    both = sorted(files.keys() & {str(folder) for path in files for folder in PurePosixPath(path).parents})
    if both:
        raise IntakeError(f"The {contents.what} holds {shown(both[0])} both as a file and as a folder. Rename one.")
    ignored += [f"{path} ({why})" for path, why in contents.faults.items()]
    return dict(sorted(files.items())), sorted(ignored)


def _stand_ins(contents: Contents, assignment: Assignment) -> dict[str, str]:
    """Let other files stand for required ones that are nowhere. Returns path → the required name, where they differ.

    For each in this order: the notebook of its name; the only source whose name differs in nothing but what browsers
    and people add ("conv (1).py", "Conv_final.py"); where a single file is asked for and nothing else has its name, the
    only notebook there is, or the only source, tests apart. Notebooks that stand for nothing are ignored.
    """
    unused = set(contents.notebooks)
    taken: dict[str, str] = {}
    for file in assignment.files:
        if any(PurePosixPath(path).name == file for path in contents.sources | contents.faults):
            continue
        free = [path for path in contents.sources if not _is_theirs(path, assignment)]
        named = [path for path in unused if PurePosixPath(path).stem == file.removesuffix(".py")]
        alike = [path for path in free if _bare(path) == _bare(file)]
        others = [path for path in {*contents.faults, *contents.ignored} if _bare(path) == _bare(file)]
        is_lone = len(assignment.files) == 1 and not others
        fitting = named or alike or ((sorted(unused) or free) if is_lone else [])
        if len(fitting) != 1:
            continue
        (path,) = fitting
        place = str(PurePosixPath(path).with_name(file))
        if path in unused:
            contents.sources[place] = contents.notebooks[path]
            unused.remove(path)
        else:
            contents.sources[place] = contents.sources.pop(path)
        if not named:
            taken[path] = file
    contents.ignored |= unused
    return taken


def _is_theirs(path: str, assignment: Assignment) -> bool:
    """Whether a source is another required file, or of the handout's checks."""
    name = PurePosixPath(path).name
    is_test = name.startswith("test_") or "tests" in PurePosixPath(path).parts[:-1]
    return name in assignment.files or is_test or name == "probes.py"


def _bare(path: str) -> str:
    """A source's name without what browsers and people add to it."""
    stem = PurePosixPath(path).stem.casefold()
    return re.sub(r"[\W_]+", "", ADDED.sub("", stem))


def _root(contents: Contents, assignment: Assignment) -> str:
    """The folder of the required files, "" or ending in "/". Raises `IntakeError` unless there is exactly one."""
    places: dict[str, str] = {}
    for file in assignment.files:
        paths = sorted(path for path in contents.sources | contents.faults if PurePosixPath(path).name == file)
        if not paths:
            holds = tuple(PurePosixPath(path).name for path in sorted(contents.sources))
            raise NotFound(_missing(file, assignment.files, contents), holds)
        if len(paths) > 1:
            raise Scattered(
                f"The {contents.what} holds {file} in several places: {_listed(paths)}. Keep the one to grade.",
                len(paths),
            )
        if paths[0] in contents.faults:
            raise IntakeError(f"{shown(paths[0])} {contents.faults[paths[0]]}. Hand in the file itself.")
        places[file] = paths[0].removesuffix(file)
    if len(set(places.values())) > 1:
        lie = _listed([place + file for file, place in places.items()])
        raise IntakeError(f"The required files lie in different folders: {lie}. Put them into one.")
    return places[assignment.files[0]]


def _missing(file: str, required: Sequence[str], contents: Contents) -> str:
    """What to say if `file` is nowhere: what there is instead, and which of it is probably meant."""
    sources = sorted(path for path in contents.sources | contents.faults if path.endswith(".py"))
    others = sorted(path for path in {*contents.ignored, *contents.faults} - {*sources} if not path.endswith("/"))
    if not sources and not others:
        return f"The {contents.what} is empty." if not contents.ignored else f"The {contents.what} holds no {file}."
    start = f"The {contents.what} holds no {file}; it holds {_listed(sources or others)}."
    free = [path for path in sources if PurePosixPath(path).name not in required]
    if len(free) == 1:
        return f"{start} Rename {'it' if len(sources) == 1 else shown(free[0])} to {file}."
    if not sources and any(path.endswith(".ipynb") for path in others):
        notebooks = [path for path in others if path.endswith(NOTEBOOK)]
        faults = [f"{shown(path)} {contents.faults[path]}." for path in notebooks if path in contents.faults]
        return " ".join([start, *faults]) if faults else f"{start} Name the notebook to grade {file[:-3]}{NOTEBOOK}."
    for path in others:
        if (what := FOREIGN.get(PurePosixPath(path).suffix.lower())) is not None:
            return f"{start} {shown(path)} is {what}: hand in the source, {file}."
    stems = {PurePosixPath(path).name.split(".")[0].casefold(): path for path in [*others, *free]}
    close = difflib.get_close_matches(file.removesuffix(".py").casefold(), stems, n=1)
    return f"{start} Rename {shown(stems[close[0]])} to {file}, if that is it." if close else start


def _listed(names: Sequence[str], limit: int = 5) -> str:
    names = [shown(name) for name in names]
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _capped(ignored: Sequence[str]) -> tuple[str, ...]:
    more = len(ignored) - IGNORED_SHOWN
    return (*(shown(path, 255) for path in ignored[:IGNORED_SHOWN]), *([f"… and {more:,} more"] if more > 0 else []))


def files_sha256(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the sorted files, each part behind its length, so that no two sets of files read alike."""
    digest = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (path.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


# -------------------------------------------------------------------------------------------------------------- names


def safe_name(raw: str) -> str:
    """A name that is safe as a folder, in a spreadsheet and in a command: letters, digits, ".", "_" and "-".

    It has at most 100 bytes, starts with a letter or a digit and is never empty.
    """
    text = unicodedata.normalize("NFC", raw)
    text = "".join(c if c.isalnum() or c in "._-" else "_" for c in text)
    return _cut(text.lstrip("._-")).rstrip("._-") or "submission"


def unique_names(raws: Iterable[str]) -> list[str]:
    """Safe names, with the first free of "-2", "-3" … where one is taken; case tells none apart.

    What is safe as it is keeps its name, whatever stands before it: nobody takes another's by a name that becomes it.
    """
    raws = list(raws)
    names: dict[int, str] = {}
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for number in sorted(range(len(raws)), key=lambda number: safe_name(raws[number]) != raws[number]):
        name = unique = safe_name(raws[number])
        key = _folded(name)
        while _folded(unique) in taken:
            counts[key] = max(counts[key], 1) + 1
            unique = f"{_cut(name, NAME_BYTES - len(f'-{counts[key]}'))}-{counts[key]}"
        taken.add(_folded(unique))
        names[number] = unique
    return [names[number] for number in range(len(raws))]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def _cut(text: str, limit: int = NAME_BYTES) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def _stem(path: Path) -> str:
    """A folder's name, or a file's without `.py` or the archive's suffix."""
    name = _absolute(path).name
    if os.path.isdir(path):
        return name
    name = plain_suffix(name)
    for suffix in sorted((".py", NOTEBOOK, *SUFFIXES), key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _absolute(path: Path) -> Path:
    """With ".." resolved but no link followed: the TA's name for it counts."""
    return Path(os.path.abspath(path))


def _origin(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
