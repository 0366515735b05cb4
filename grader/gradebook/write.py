"""`write_gradebook`: the class's grades and statistics as files, byte for byte the same from the same entries.

So nothing in them may depend on when they are written, how long grading took or in which order entries came.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from grader.gradebook import frames, lms, sent_back
from grader.gradebook.cells import inert
from grader.gradebook.entry import Entry
from grader.gradebook.statistics import analyse
from grader.report.write import write_bytes
from grader.spec import Assignment

if TYPE_CHECKING:
    import pandas as pd

EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - zip archives know no time zone, and no earlier year
WIDEST = 60  # characters of a column
ONLY_STAFF = 0o600


def write_gradebook(
    entries: Sequence[Entry],
    assignments: Mapping[str, Assignment],
    folder: Path,
    tables: Mapping[str, str] = MappingProxyType({}),
) -> list[Path]:
    """Write the gradebook of these homeworks into `folder`, which is made if need be; return the files' paths.

    `gradebook.csv`, `.xlsx` and `.parquet` have a row per student; `parts.csv`, `checks.csv` and `mistakes.csv` the
    statistics (in the .xlsx too); `results.parquet` a row per student and check; `canvas.csv` and
    `gradescope-<homework>.csv` are for these platforms. Only the user who writes them can read them.
    `tables` are what platforms gave of homeworks: Canvas' column is called as there, Moodle's worksheet is filled in.
    Raises `GradebookError` if a student has two entries in one homework. Everything is made before anything is written.
    """
    columns = {name: sent_back.canvas_title(table, assignments[name]) for name, table in tables.items()}
    analyses = [analyse(entries, name) for name in sorted(assignments)]
    sheets = {
        "Grades": frames.grades(entries, assignments),
        "Parts": frames.parts(analyses),
        "Checks": frames.checks(analyses),
        "Mistakes": frames.mistakes(analyses),
    }
    files = {
        "gradebook.csv": b"\xef\xbb\xbf" + csv(sheets["Grades"]),  # by which Excel knows that it is UTF-8
        "gradebook.xlsx": excel(sheets),
        "gradebook.parquet": parquet(sheets["Grades"]),
        "results.parquet": parquet(frames.results(entries, assignments)),
        "parts.csv": csv(sheets["Parts"]),
        "checks.csv": csv(sheets["Checks"]),
        "mistakes.csv": csv(sheets["Mistakes"]),
        "canvas.csv": csv(lms.canvas(entries, assignments, columns)),
    }
    for name in sorted(assignments):
        files[f"gradescope-{name}.csv"] = csv(lms.gradescope(entries, assignments[name]))
    for name, table in tables.items():
        filled = sent_back.worksheet(table, [entry for entry in entries if entry.assignment == name])
        if filled is not None:
            files[f"moodle-{name}.csv"] = filled.encode()
    for name, content in files.items():
        write_bytes(folder / name, content, ONLY_STAFF)
    return [folder / name for name in files]


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8, a comma between cells, lines that end in a newline; text made inert."""
    text: str = _inert(frame).to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text.encode()


def parquet(frame: pd.DataFrame) -> bytes:
    """Parquet, as pyarrow writes it: no spreadsheet evaluates it, so a name stays the name."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def excel(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook. Every text is a text cell, also one that looks like a formula, an error or a number."""
    from openpyxl import Workbook

    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    for title, frame in sheets.items():
        _fill(book.create_sheet(title), _inert(frame))
    buffer = io.BytesIO()
    book.save(buffer)
    return _timeless(buffer.getvalue())


def _fill(sheet: Any, frame: pd.DataFrame) -> None:
    """A frame as a sheet: its header stays in sight and filters, a missing number is an empty cell."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for place, name in enumerate(frame.columns, start=1):
        values = frame[name].astype(object).where(frame[name].notna(), None).tolist()
        head = sheet.cell(1, place)
        _put(head, name)
        head.font = Font(bold=True)
        widest = len(name)
        for line, value in enumerate(values, start=2):
            if value is not None and value != "":
                _put(sheet.cell(line, place), value)
                widest = max(widest, len(value) if isinstance(value, str) else 8)
        sheet.column_dimensions[get_column_letter(place)].width = min(widest, WIDEST) + 2
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions


def _put(cell: Any, value: Any) -> None:
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes "=1" for a formula and "#N/A" for an error


def _timeless(book: bytes) -> bytes:
    """The workbook's zip archive with fixed dates, inside and outside."""
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.xml.functions import tostring

    properties = DocumentProperties(creator="grader", created=EPOCH, modified=EPOCH)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = tostring(properties.to_tree()) if name == "docProps/core.xml" else old.read(name)
            new.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with all of its text made inert, its columns' names included."""
    from pandas.api.types import is_string_dtype

    changed = frame.copy()
    for name in frame.columns:
        if is_string_dtype(frame[name].dtype):
            known = {text: inert(text) for text in frame[name].unique()}
            changed[name] = frame[name].map(known).astype("str")
    changed.columns = [inert(name) for name in frame.columns]
    return changed
