"""A notebook as the module that its code cells make up: read as data, never run here.

What only IPython understands (`%matplotlib inline`, `!pip install …`, whole cells that start with `%%`) becomes
comments (see `magics`), so that line numbers and everything else stay what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from itertools import islice
from typing import Any

import msgspec

from grader.intake.caps import FILE_BYTES, Unreadable
from grader.intake.magics import plain_python

VALUES = 2_000_000  # of a notebook's JSON, each of which takes some hundred bytes of memory
WRITTEN = 16  # times what a source may have, as JSON: a line of its own is a string, and a letter may be an escape
TOO_MUCH = f"holds more than {FILE_BYTES // 1_000_000} MB of code"
OF_IPYTHON = {  # names that IPython gives to every notebook, which do nothing here
    "display": "display = lambda *_, **__: None",
    "get_ipython": 'get_ipython = lambda: type("NoIPython", (), {"__getattr__": lambda *_: lambda *_, **__: None})()',
}
STRING_OR_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|(?P<sign>[\[{,])', re.DOTALL)


def module_source(content: bytes, kept: Collection[str] = ()) -> bytes:
    """The Python source in an `.ipynb` file, with the cells that are written to files of `kept` names.

    Raises `Unreadable`; its words follow the file's name in a sentence.
    """
    sources = [text for text in map(_code, _cells(_read(content))) if text is not None]
    if not sources:
        raise Unreadable("is a notebook without a cell of code")
    if sum(map(len, sources)) <= FILE_BYTES:
        try:
            futures: list[str] = []
            cells = [plain_python(text, futures, kept) for text in sources]
            blocks = [f"# In [{number}]:\n{text}\n" for number, text in enumerate(cells, start=1)]
            blocks[0] = _first_line(futures, "\n".join(cells)) + blocks[0]
        except ValueError as error:
            raise Unreadable(f"is a notebook that cannot be read: {error}") from None
        source = "\n\n".join(blocks).encode("utf-8", "replace")
        if len(source) <= FILE_BYTES:
            return source
    raise Unreadable(TOO_MUCH)


class _Cell(msgspec.Struct):
    """What of a cell is read: its outputs are passed over, whatever they take, and its code is read later."""

    cell_type: str | None = None
    source: msgspec.Raw = msgspec.Raw(b"null")
    input: msgspec.Raw = msgspec.Raw(b"null")


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def _read(content: bytes) -> Any:
    """The notebook's JSON, without the outputs if it has the usual form. Raises `Unreadable`."""
    try:
        if content.count(b"{") <= VALUES:  # cells that hold nothing take memory, too
            cells = msgspec.json.decode(content, type=_Notebook).cells
            return {"cells": _code_cells([cell for cell in cells if cell.cell_type == "code"])}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # of another version, or not as strict as it should be: Python's own reader takes more, and more memory
    # What is printed there may have as many commas as it likes.
    signs = (1 for found in STRING_OR_SIGN.finditer(content) if found["sign"])
    if sum(islice(signs, VALUES + 1)) > VALUES:
        raise Unreadable("holds too much beside its code. Clear its outputs and hand it in again")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("is no notebook: it cannot be read as JSON") from error


def _code_cells(cells: list[_Cell]) -> list[dict[str, Any]]:
    if sum(len(bytes(text)) for cell in cells for text in (cell.source, cell.input)) > WRITTEN * FILE_BYTES:
        raise Unreadable(TOO_MUCH)
    read = msgspec.json.Decoder(str | list[str] | None).decode
    return [{"cell_type": "code", "source": read(cell.source), "input": read(cell.input)} for cell in cells]


def _first_line(futures: list[str], text: str) -> str:
    """What goes before everything else, on the line of the first cell's comment: lines keep their numbers."""
    said = [f"from __future__ import {', '.join(dict.fromkeys(futures))}"] if futures else []
    said += [made for name, made in OF_IPYTHON.items() if re.search(rf"\b{name}\(", text)]
    return "; ".join(said) + "  " if said else ""


def _cells(notebook: Any) -> list[Any]:
    if not isinstance(notebook, dict):
        raise Unreadable("is no notebook")
    cells = notebook.get("cells")
    if cells is None:  # before version 4 of the format
        sheets = notebook.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _listed(sheet.get("cells"))]
    return _listed(cells)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _code(cell: Any) -> str | None:
    """The text of a code cell; None for any other."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell["source"] if cell.get("source") is not None else cell.get("input", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
