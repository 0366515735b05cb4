"""Paths that staff gave, and that would become something else than they are: refused before anything is graded.

Many people's work that no reader knows would be one submission, and one zero; a download of another homework would be a
class of zeros. What staff gave decides that as a whole, and never one hand-in of several.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from grader.collect.items import Item
from grader.collect.match import words_of
from grader.collect.roster import fold
from grader.errors import UsageError
from grader.intake.archive import SUFFIXES
from grader.intake.contents import plain_suffix, shown
from grader.intake.submission import Rejected, Submission
from grader.spec import Assignment

MANY = 5  # loose files without the one that is asked for: more than a person's helper modules are
ALIKE = 3  # files named "SOMEBODY_conv.py"
SCATTERED = 4  # places in which a single submission has the file: more than copies that were left lying about
SEVERAL = 2  # hand-ins, of which one person can only be one
OWN = ("test", "tests", "old", "my", "new", "backup", "copy", "final", "public", "hidden", "check", "run", "main")


def refuse_many(
    path: Path,
    items: Sequence[Item],
    assignment: Assignment,
    platforms: Sequence[object],
    known: Collection[str] = (),
) -> None:
    """Refuse a path that would be one submission, and looks like many people's, as the `known` ones of the roster are.

    Raises `UsageError`.
    """
    files = [item.name for item in items if not item.is_folder]
    loose = [name for name in files if plain_suffix(name).lower().endswith((".py", ".ipynb", *SUFFIXES))]
    is_there = any(plain_suffix(name) in assignment.files for name in loose)
    for platform in platforms:
        form: re.Pattern[str] | None = getattr(platform, "NAME", None)
        named = [item.name for item in items if form is not None and form.match(item.name)]
        if len(named) >= ALIKE and 2 * len(named) >= len(items):
            who = platform.__name__.rpartition(".")[2].capitalize()  # type: ignore[attr-defined]  # a module
            raise UsageError(
                f"{path} looks like a download of {who}, as {_some(named)} are named, but {len(items) - len(named)} of "
                f"its {len(items)} names are not its own. Take these out, or give the whole download"
            )
    heads = {head for name in loose if (head := _head(name, assignment)) and head not in OWN}
    stems = [PurePosixPath(plain_suffix(name)).stem for name in loose]
    named_after = {who for who in known if any(_is_after(stem, who) for stem in stems)}
    is_class = len(heads) >= (MANY if is_there else ALIKE) and 2 * len(heads) > len(loose)
    is_class = is_class or len(named_after) >= SEVERAL
    if is_class or (len(loose) >= MANY and not is_there):
        raise UsageError(
            f"{path} holds {len(loose)} files such as {_some(loose)}, and would be one submission: it looks like the "
            "work of many people, in a form that is not known here (docs/platforms.md lists those that are). If each "
            f"file is one person's, give them one by one ({path}/*), or put each into a folder named after its student"
        )


def refuse_others(
    paths: Sequence[Path],
    read: Sequence[Submission | Rejected],
    assignment: Assignment,
    others: Mapping[str, Collection[str]],
) -> None:
    """Refuse a class of folders of classes, and another homework's download. Raises `UsageError`."""
    given = ", ".join(map(str, paths))
    scattered = [one.places for one in read if isinstance(one, Rejected) and one.places > 1]
    if len(paths) == 1 and 2 * len(scattered) > len(read) and max(scattered) >= SCATTERED:
        raise UsageError(
            f"{given} holds {assignment.files[0]} in {sum(scattered)} folders, which would be "
            f"{len(read)} submission{'' if len(read) == 1 else 's'}: it looks like a folder of class folders. Give "
            "these one at a time, to the same OUT"
        )
    holds = [one.holds if isinstance(one, Rejected) else one.stand_ins for one in read]
    if len(read) < SEVERAL or not all(holds):
        return
    names = Counter(name for held in holds for name in set(held))
    for homework, files in others.items():
        number = max((names[file] for file in files if file not in assignment.files), default=0)
        if 2 * number > len(read):
            file = max((file for file in files if file not in assignment.files), key=lambda file: names[file])
            raise UsageError(
                f"none of the {len(read)} hand-ins at {given} holds {assignment.files[0]}, and {number} of them hold "
                f"{file}, which {homework} asks for: this looks like a download of {homework}. Nothing was graded"
            )


def _head(name: str, assignment: Assignment) -> str:
    """What stands before a required file's name, or "" where that is not how it ends: "ada" of "ada_conv.py"."""
    stem = PurePosixPath(plain_suffix(name)).stem.casefold()
    wanted = [PurePosixPath(file).stem.casefold() for file in assignment.files]
    for one in wanted:
        head, found, rest = stem.rpartition(one)
        if found and head and not re.search(r"[^\W\d_]", rest):
            return head.strip(" _-.")
    return ""


def _is_after(stem: str, who: str) -> bool:
    """Whether a file is called like a person: it is their id, or has all words of their name."""
    words = set(words_of(who).split())
    return fold(stem) == fold(who) or (len(words) > 1 and words <= set(words_of(stem).split()))


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(shown, sorted(names)[:3]))
