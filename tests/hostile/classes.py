"""Attacks on a class run: one student's names, archives and metadata, and what becomes of the others' work.

Each is a class of a few students, laid out as a platform or staff would, and whose work it must be in the end. `notebook`
attacks are honest: a notebook that IPython runs has to say what its script says.
"""

from __future__ import annotations

import ast
import io
import json
import os
import resource
import stat
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.collect.collect import collect
from grader.collect.match import match
from grader.collect.roster import Person
from grader.collect.store import Store
from grader.report.write import folder_name
from grader.run.folder import LEDGER
from grader.spec import load_assignment
from tests.hostile.corpus import COURSE, Attack
from tests.hostile.here import Result

GOOD = (COURSE / "reference" / "hostile" / "hostile.py").read_bytes()
BAD = b"def scale(x):\n    return 0\n"
ROSTER = (
    Person("101", "Ada Li", "ada@uni.example"),
    Person("102", "Bo Kim", "bo@uni.example"),
    Person("103", "Eve Mallory", "eve@uni.example"),
    Person("ANN", "Ann Doe", "ann@uni.example"),
    Person("20_7", "Lee Ann", "lee@uni.example"),
)
MEMORY = 500 << 20  # bytes of addresses beside what the process has
FILE = 4 << 20  # bytes of a file that is written
SECONDS = 20.0
LINK = stat.S_IFLNK | 0o777
Files = Mapping[str, bytes]


def _zip(members: Files, mode: int = 0, raw: Mapping[bytes, bytes] | None = None) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (mode if content != GOOD else 0) << 16
            archive.writestr(info, content)
    packed = file.getvalue()
    for name, other in (raw or {}).items():
        packed = packed.replace(name, other)
    return packed


def _notebook(*cells: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


def _withstand(files: Files, given: tuple[str, ...], honest: Files, links: Mapping[str, str]) -> Callable[[], Result]:
    def withstand() -> Result:
        reader, writer = os.pipe()
        child = os.fork()  # what it takes is limited, and what it breaks is its own
        if child == 0:
            try:
                os.write(writer, json.dumps(_collected(files, given, honest, links)).encode())
            except BaseException as error:
                os.write(writer, json.dumps([f"it ends the run: {type(error).__name__}: {error}", []]).encode())
            finally:
                os._exit(0)
        os.close(writer)
        with open(reader, "rb") as pipe:
            seen, verdicts = json.loads(pipe.read() or b'["it ends the process", []]')
        used = os.wait4(child, 0)[2]
        seconds = used.ru_utime + used.ru_stime  # the processor's: a machine under load is no attack
        seen = seen or (f"{seconds:.1f} s" if seconds > SECONDS else "")
        return Result(bool(seen), frozenset(verdicts), seen or ", ".join(verdicts), seconds)

    return withstand


def _collected(files: Files, given: tuple[str, ...], honest: Files, links: Mapping[str, str]) -> tuple[str, list[str]]:
    """What is wrong, and what became of the attacker's hand-ins."""
    assignment = load_assignment(COURSE / "assignments" / "hostile")
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), files, links)
        _limit()
        place = Path(folder, "run")
        place.mkdir()
        for name in (LEDGER, "class.html", "gradebook"):
            (place / name).touch()
        hand_ins = collect([Path(folder, name) for name in given], assignment, Store(place), place).hand_ins
        students = match(hand_ins, ROSTER).students
        store = Store(place)
        had: dict[str, list[bytes]] = {}
        verdicts = set()
        for one in hand_ins:
            source = b"" if one.problem else store.get(one.sha256, one.name, "").files["hostile.py"]
            mine = set(students[one.name]) & honest.keys()
            for student in mine:
                had.setdefault(student, []).append(source)
            if not mine:
                verdicts.add("intake error" if one.problem else "taken")
            (place / folder_name(one.name)).mkdir()
            if one.is_fault or "too much memory" in one.problem:
                return f"it is a fault of the grader's: {one.problem}", []
    wrong = [
        f"{student} has {[source[:60] for source in had.get(student, [])]}"
        for student, source in honest.items()
        if [meaning(one) for one in had.get(student, [])] != [meaning(source)]
    ]
    return ", ".join(wrong), sorted(verdicts) or ["taken"]


def _limit() -> None:
    """Let this process write no large file and take little more memory."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))


def lay_out(folder: Path, files: Files, links: Mapping[str, str]) -> None:
    """Write files below a folder; names may hold bytes that are no text, as surrogates."""
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_bytes(content)
    for name, target in links.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        os.symlink(target, os.path.join(folder, name))


def meaning(source: bytes) -> str:
    """What tells two sources apart that do not mean the same."""
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return repr(source)


def _attack(
    name: str,
    sentence: str,
    verdict: str,
    files: Files,
    given: tuple[str, ...] = ("in",),
    honest: Files | None = None,
    links: Mapping[str, str] | None = None,
    group: str = "harm the class",
) -> Attack:
    honest, links = honest or {"101": GOOD, "102": GOOD}, links or {}
    people = {person.id: [person.name, person.email] for person in ROSTER}
    naive: dict[str, Any] = {"files": dict(files), "given": list(given), "honest": dict(honest), "links": dict(links)}
    naive["people"] = people
    return Attack(
        group, name, sentence, frozenset(verdict.split(", ")), "class", "class", naive=naive,
        here=_withstand(files, given, honest, links),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------- how a class is handed in


def _canvas(name: str, content: bytes, start: str = "malloryeve_103_5003_") -> dict[str, bytes]:
    return {"in/liada_101_5001_hostile.py": GOOD, "in/kimbo_102_5002_hostile.py": GOOD, f"in/{start}{name}": content}


def _moodle(name: str, content: bytes, who: str = "Eve Mallory", end: str = "") -> dict[str, bytes]:
    people = {"Ada Li_11": GOOD, "Bo Kim_12": GOOD}
    files = {f"in/{one}_assignsubmission_file_{end}hostile.py": source for one, source in people.items()}
    return files | {f"in/{who}_13_assignsubmission_file_{end}{name}": content}


def _packed(files: Files, **more: Any) -> dict[str, bytes]:
    """A folder's files as the zip archive `in.zip`."""
    return {"in.zip": _zip({name.removeprefix("in/"): content for name, content in files.items()}, **more)}


def _zips(name: str, content: bytes) -> dict[str, bytes]:
    return {"in/101.zip": _zip({"hostile.py": GOOD}), "in/102.zip": _zip({"hostile.py": GOOD}), f"in/{name}": content}


def _folders(*names: str, source: bytes = BAD) -> dict[str, bytes]:
    return {f"in/{name}/hostile.py": GOOD for name in ("101", "102")} | {
        f"in/{name}/hostile.py": source for name in names
    }


BY_NAME = ("in/101.zip", "in/102.zip", "in/103.zip")
METADATA = b"".join(
    b"submission_%d:\n  :submitters:\n  - :name: %s\n    :sid: '%d'\n    :email: %s\n  :created_at: 2027-03-20 02:59:00 Z\n"
    % line
    for line in ((1, b"Ada Li", 101, b"ada@uni.example"), (2, b"Bo Kim", 102, b"bo@uni.example"))
)
LAUGHS = b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9) if n else b"x,x,x,x,x,x,x,x,x") for n in range(10)
)
MERGES = b"".join(
    b"b%d: &b%d {%s}\n" % (n, n, b"<<: [%s]" % b",".join([b"*b%d" % (n - 1)] * 9) if n else b"k: v") for n in range(9)
)


def _export(metadata: bytes, content: Files) -> dict[str, bytes]:
    files = {f"in/submission_{n}/hostile.py": GOOD for n in (1, 2)} | {
        "in/submission_metadata.yml": METADATA + metadata
    }
    return files | {f"in/submission_3/{name}": source for name, source in content.items()}


def _nbgrader(content: Files) -> dict[str, bytes]:
    files = {f"in/{who}/hw/hostile.py": GOOD for who in ("101", "102")}
    files |= {f"in/{who}/hw/timestamp.txt": b"2027-03-01 12:00:00 UTC" for who in ("101", "102")}
    return files | {f"in/103/hw/{name}": source for name, source in content.items()}


EVE = b"submission_3:\n  :submitters:\n  - :name: Eve Mallory\n    :sid: %s\n    :email: %s\n"
MODULE = GOOD.decode()
TAIL = "\n\ndef _count():\n    value = 1\n    value = value + 1%s\n    return value\n"


def _honest_notebook(name: str, sentence: str, text: str, *cells: str) -> Attack:
    """Somebody's notebook and somebody's script of the same text. `cells` is how the notebook has it, if not as one."""
    script = (MODULE + text).encode()
    files = {"in/101.ipynb": _notebook(*cells or [MODULE + text]), "in/102.py": script}
    given = ("in/101.ipynb", "in/102.py")
    return _attack(name, sentence, "taken", files, given, {"101": script, "102": script}, group="accuse the honest")


# fmt: off
def _attacks() -> Iterator[Attack]:
    # whose a hand-in is
    yield _attack("canvas_as_somebody", "In a download of Canvas a file's name holds Moodle's part, with another student's name.", "taken", _canvas("x-Bo_Kim_9_assignsubmission_file_hostile.py", BAD) | {"in/malloryeve_103_5004_hostile.py": BAD})
    yield _attack("canvas_number_in_name", "A student's name in Canvas ends in another one's number.", "taken", _canvas("hostile.py", BAD, "x_102_103_5003_"))
    yield _attack("canvas_name_that_is_an_id", "A student's name in Canvas and their own number make up another one's id.", "taken", {"in/annlee_7_5001_hostile.py": GOOD, "in/kimbo_102_5002_hostile.py": GOOD, "in/20_7_103_5003_hostile.py": BAD}, honest={"20_7": GOOD, "102": GOOD})
    yield _attack("moodle_as_somebody", "In a flat download of Moodle a file's name holds another student's part.", "taken, intake error", _moodle("x-Bo Kim_9_assignsubmission_file_hostile.py", BAD))
    yield _attack("moodle_group", "A student's name in Moodle ends in another one's name, as a group's would.", "taken", _moodle("hostile.py", BAD, "X-Bo Kim", "/"))
    yield _attack("gradescope_mail", "A student's address in Gradescope has another one's account, at another place.", "taken", _export(EVE % (b"", b"bo@evil.example"), {"hostile.py": BAD}))
    yield _attack("names_that_collide", "Folders have names that become another student's once they are made safe.", "taken", _folders("10 1", "10_1", "10?1", "101."))
    yield _attack("name_that_holds_an_id", "A folder's name holds another student's id between other words.", "taken", _folders("hw1_102_final"))
    yield _attack("name_of_an_account", "A folder is named like the account in another student's address.", "taken", _folders("bo"))
    yield _attack("name_in_another_case", "Folders are named like another student's, in other cases.", "taken", _folders("Ann", "ann") | {"in/ANN/hostile.py": GOOD}, honest={"101": GOOD, "102": GOOD, "ANN": GOOD})
    yield _attack("names_of_a_runs_files", "Folders are named like what lies in a run's folder: its ledger, its gradebook.", "taken", _folders("ledger.sqlite", "ledger.sqlite-wal", "LEDGER.sqlite", "class.html", "gradebook"))
    yield _attack("moodle_class_in_a_class", "In a class folder one folder is named as Moodle would name another student's.", "taken, intake error", _folders("Bo Kim_12_assignsubmission_file_"))
    # what a path is
    yield _attack("files_without_a_suffix", "In a folder of Google Classroom a student's files have no suffix, which most files have.", "intake error", {f"in/{who} - hostile.py": GOOD for who in ("Ada Li", "Bo Kim")} | {f"in/Eve Mallory - {n}": BAD for n in range(3)})
    yield _attack("canvas_taken_for_moodle", "In a download of Canvas a file's name holds Moodle's part.", "taken, intake error", _canvas("a_1_assignsubmission_file_hostile.py", GOOD))
    yield _attack("canvas_taken_for_gradescope", "In a download of Canvas a student's file is called like Gradescope's metadata.", "intake error", _canvas("submission_metadata.yml", b"{:"))
    yield _attack("class_taken_for_gradescope", "In a class folder one entry is called like Gradescope's metadata.", "taken, intake error", _folders() | {"in/submission_metadata.yml/hostile.py": BAD})
    yield _attack("class_taken_for_a_submission", "In a class folder one student's file has the name of the file that is asked for.", "taken", _zips("hostile.py", BAD))
    yield _attack("notebooks_taken_for_a_submission", "In a class of notebooks one student hands in a loose module.", "taken", {f"in/{name}.ipynb": _notebook(MODULE) for name in ("101", "102")} | {"in/x.py": BAD})
    yield _attack("zip_that_is_a_moodle_class", "Of several zips one looks like a download of Moodle with another student's work.", "intake error, taken", _zips("103.zip", _zip({"Bo Kim_12_assignsubmission_file_/hostile.py": BAD})), BY_NAME)
    yield _attack("zip_that_is_a_canvas_class", "Of several zips one looks like a download of Canvas with another student's work.", "intake error, taken", _zips("103.zip", _zip({"kimbo_102_5002_hostile.py": BAD})), BY_NAME)
    yield _attack("zip_that_is_an_export", "Of several zips one looks like an export of Gradescope with another student's work.", "intake error, taken", _zips("103.zip", _zip({"submission_metadata.yml": METADATA, "submission_2/hostile.py": BAD})), BY_NAME)
    yield _attack("folder_that_is_a_class", "Of several folders one holds folders that are named like other students.", "intake error", _folders() | {"in/103/101/hostile.py": BAD, "in/103/102/hostile.py": BAD}, ("in/101", "in/102", "in/103"))
    # metadata
    yield _attack("zip_with_broken_metadata", "Of several zips one holds metadata of Gradescope's that is no YAML.", "taken", _zips("103.zip", _zip({"hostile.py": GOOD, "submission_metadata.yml": b"{:"})), BY_NAME)
    yield _attack("metadata_of_aliases", "Of several zips one holds metadata whose aliases stand for a billion values.", "taken, intake error", _zips("103.zip", _zip({"submission_metadata.yml": b"submission_1:\n  :submitters: &x\n" + LAUGHS, "submission_1/hostile.py": BAD})), BY_NAME)
    yield _attack("results_of_aliases", "In an export of Gradescope a student's results are aliases that stand for a billion values.", "taken, intake error", _export(EVE % (b"'103'", b"x") + LAUGHS + b"submission_4:\n  :submitters:\n  - :name: *a9\n    :sid: '103'\n", {"hostile.py": BAD}))
    yield _attack("results_in_results", "In an export of Gradescope a student's results hold 900 lists, each in the one before.", "taken", _export(EVE % (b"'103'", b"x") + b"  :results: " + b"[" * 900 + b"]" * 900 + b"\n", {"hostile.py": BAD}))
    yield _attack("metadata_of_merges", "In an export of Gradescope mappings are merged from mappings that are merged.", "taken", _export(EVE % (b"'103'", b"x") + MERGES, {"hostile.py": BAD}))
    yield _attack("time_of_other_digits", "In folders of nbgrader's a student's time has a digit of a script in which no number can be read.", "taken", _nbgrader({"hostile.py": BAD, "timestamp.txt": "\u1369 Mar 2027 11:45 PM".encode()}))
    # names
    yield _attack("file_that_is_a_folder", "A zip holds a file `x.py` and a file `x.py/y.py`.", "intake error", _zips("103.zip", _zip({"hostile.py": GOOD, "x.py": b"", "x.py/y.py": b""})))
    yield _attack("notebook_that_is_a_folder", "A zip holds the notebook for a file, and a folder of that file's name.", "intake error", _zips("103.zip", _zip({"hostile.ipynb": _notebook("x = 1"), "hostile.py/y.py": b""})))
    yield _attack("long_member_name", "A zip holds a helper whose name has 123 characters, but 363 bytes.", "intake error", _zips("103.zip", _zip({"hostile.py": GOOD, "\u3042" * 120 + ".py": b""})))
    yield _attack("name_that_is_no_text", "In an unpacked download of Canvas a file's name is no UTF-8.", "intake error", _canvas("h\udcffstile.py", BAD))
    yield _attack("packed_name_that_is_no_text", "In a packed download of Canvas a name says that it is UTF-8, and is not.", "intake error", _packed(_canvas("hostile_\u00e9.py", BAD), raw={b"\xc3\xa9": b"\xff\xfe"}), ("in.zip",))
    yield _attack("packed_link", "In a packed download of Canvas a file is a link to a device that never ends.", "intake error", _packed(_canvas("hostile.py", b"/dev/zero"), mode=LINK), ("in.zip",))
    yield _attack("link_to_itself", "In a class folder one entry is a link to itself.", "intake error", _folders(), links={"in/103.py": "103.py"})
    yield _attack("long_names", "A zip holds thirty files whose names have 60,000 characters, all of them suffixes.", "intake error", _zips("103.zip", _zip({"hostile.py": GOOD} | {f"{i}{'.py' * 20_000}x": b"" for i in range(30)})), BY_NAME)
    # what it takes
    yield _attack("unpacked_bomb", "Of several zips one names itself a platform's, and unpacks to two gigabytes.", "intake error", _zips("103.zip", _zip({"hostile.py": GOOD, "a/submission_metadata.yml": b""} | {f"{i}.bin": bytes(20_000_000) for i in range(6)})), BY_NAME)
    yield _attack("packed_bomb", "In a packed download of Canvas one file unpacks to 60 MB, over and over.", "intake error", _packed(_canvas("hostile.zip", _zip({f"{i}.py": bytes(30_000_000) for i in range(2)})) | {f"in/malloryeve_103_60{i}_{i}.bin": bytes(9_000_000) for i in range(8)}), ("in.zip",))
    yield _attack("many_files", "Of several zips one holds 20,000 empty files, named as Moodle would name them.", "intake error", _zips("103.zip", _zip({f"a_{i}_assignsubmission_file_": b"" for i in range(20_000)})), BY_NAME)
    yield _attack("notebook_of_values", "A notebook of 14 MB holds five million empty lists.", "intake error", _folders() | {"in/103.ipynb": b'{"cells": [' + b"[]," * 4_800_000 + b"[]]}"})
    yield _attack("notebook_of_cells", "A notebook of 48 MB holds sixteen million cells that hold nothing.", "intake error", _folders() | {"in/103.ipynb": b'{"cells": [' + b"{}," * 16_000_000 + b"{}]}"})
    yield _attack("notebook_of_lines", "In a notebook of 48 MB a cell has sixteen million empty lists in place of its lines.", "intake error", _folders() | {"in/103.ipynb": b'{"cells": [{"cell_type": "code", "source": [' + b"[]," * 16_000_000 + b"0]}]}"})
    # honest notebooks
    yield _honest_notebook("notebook_formatted", "A notebook was formatted by black, which begins lines with `%` and `!=`.", '\n\ndef _said(value):\n    return (\n        "a value: %d"\n        % value\n    )\n\n\nassert (\n    _said(3)\n    != _said(4)\n)\n')
    yield _honest_notebook("notebook_line_with_a_question", "A notebook's line of code ends in a comment that asks something.", TAIL % "  # is this right?")
    yield _honest_notebook("notebook_continued", "A notebook continues a line by a backslash, and the next one begins with `%`.", '\n\nSAID = "%d" \\\n    % 3\nassert SAID == "3"\n')
    yield _honest_notebook("notebook_string_of_magics", "A string in a notebook has lines that begin with `%` and `!`, and end with `?`.", '\n\nSAID = """\n%time f()\n!ls\nis it?\n"""\nassert SAID.count("%") == 1\n')
    yield _honest_notebook("notebook_separator", "A string in a notebook holds Unicode's line separator.", '\n\nSAID = "a\u2028%b\u2029!c"\nassert len(SAID) == 6\n')
    yield _honest_notebook("notebook_form_feed", "A string in a notebook holds a form feed and a file separator.", '\n\nSAID = "a\x0c%b\x0b!c\x1cd?"\nassert len(SAID) == 10\n')
    yield _honest_notebook("notebook_comment_in_brackets", "Between brackets a notebook's comment ends in a question mark.", "\n\nBOTH = [\n    1,  # one?\n    2,  # two?\n]\nassert BOTH == [1, 2]\n")
    yield _honest_notebook("notebook_timed", "A notebook times the statement that defines what comes later.", "\n\nVALUE = max(1, 2)\nassert VALUE == 2\n", MODULE, "%time VALUE = max(1, 2)\nassert VALUE == 2")

# fmt: on


ATTACKS = list(_attacks())
