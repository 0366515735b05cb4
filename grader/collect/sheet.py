"""A table that people filled in with a spreadsheet program: a CSV file as these write it, or an Excel workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from grader.errors import UsageError

BYTES = 20_000_000
ARCHIVE = b"PK\x03\x04"  # an Excel workbook begins so


def read_sheet(path: Path, what: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, with their lines' numbers, cells without blanks around them.

    Of a workbook the first sheet. Raises `UsageError` for what cannot be read.
    """
    text = decoded(path, what)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise UsageError(f"the {what} {path}, line {reader.line_num}: {error}") from error
    if rows and rows[0][1] and rows[0][1][0].lower().startswith("sep="):
        del rows[0]
    return [(line, cells) for line, cells in rows if any(cells)]


def decoded(path: Path, what: str) -> str:
    """The text of a CSV file, whatever its encoding, or of a workbook's first sheet as one.

    Raises `UsageError` for what cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(BYTES + 1)
    except OSError as error:
        raise UsageError(f"the {what} {path} cannot be read: {error.strerror}") from error
    if len(content) > BYTES:
        raise UsageError(f"the {what} {path} is larger than {BYTES // 1_000_000} MB")
    if content.startswith(ARCHIVE):
        return _of_workbook(path, what, content)
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\0" in content[:2]:  # without a mark
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(
            f'the {what} {path}, line {line}, is not UTF-8. Save it as "CSV UTF-8" from your spreadsheet program'
        ) from error


def delimiter_of(text: str) -> str:
    """The sign between a table's cells."""
    first = text.lstrip("\r\n").partition("\n")[0]
    if first.lower().startswith("sep=") and len(first) > 4:
        return first[4]
    return max(",;\t", key=first.count)


def _of_workbook(path: Path, what: str, content: bytes) -> str:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > 10 * BYTES:
            raise UsageError(f"the {what} {path} is larger than {10 * BYTES // 1_000_000} MB")
        sheet = load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except UsageError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise UsageError(f"the {what} {path} is no Excel workbook that can be read: {error}") from error
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue()


def _text(value: Any) -> str:
    """A cell as it is shown: 1001 of a cell that holds the number 1001.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
