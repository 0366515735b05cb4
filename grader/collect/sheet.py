"""A table that people filled in with a spreadsheet program: a CSV file as these write it, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.collect.roster import BYTES, decoded, delimiter_of
from grader.errors import UsageError

ARCHIVE = b"PK\x03\x04"  # an Excel workbook begins so


def read_sheet(path: Path, what: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, with their lines' numbers, cells without blanks around them.

    Of a workbook the first sheet. Raises `UsageError` for what cannot be read.
    """
    try:
        with path.open("rb") as file:
            is_workbook = file.read(len(ARCHIVE)) == ARCHIVE
    except OSError as error:
        raise UsageError(f"the {what} {path} cannot be read: {error.strerror}") from error
    rows = _of_workbook(path, what) if is_workbook else _of_text(path, what)
    stripped = ((line, [cell.strip() for cell in cells]) for line, cells in rows)
    return [(line, cells) for line, cells in stripped if any(cells)]


def _of_text(path: Path, what: str) -> Iterator[tuple[int, list[str]]]:
    text = decoded(path, what)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        for row in reader:
            if reader.line_num > 1 or not (row and row[0].lower().startswith("sep=")):
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(f"the {what} {path}, line {reader.line_num}: {error}") from error


def _of_workbook(path: Path, what: str) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > 10 * BYTES:
            raise UsageError(f"the {what} {path} is larger than {10 * BYTES // 1_000_000} MB")
        book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)  # whatever it is called
        sheet = book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except UsageError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise UsageError(f"the {what} {path} is no Excel workbook that can be read: {error}") from error
    yield from enumerate(rows, start=1)


def _text(value: Any) -> str:
    """A cell as it is shown: 1001 of a cell that holds the number 1001.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
