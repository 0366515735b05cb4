"""What our pages share: one file each, that needs no network, and forbids it.

The policy in a page's head allows its one style sheet, and its one script where it has one, by their hashes, and
nothing else; so even markup that got past the escaping could load, run and style nothing. For that reason sizes are
SVG attributes in templates, never `style="…"`.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.report.text import plain

HERE = Path(__file__).parent


@cache
def sheet(*names: str) -> str:
    """These files of this folder as one style sheet."""
    return "\n".join((HERE / name).read_text("utf-8").strip() for name in names)


@cache
def policy(sheet: str, script: str = "") -> str:
    """The Content-Security-Policy of a page with this style sheet, and this script if there is one."""
    allowed = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; {allowed}style-src {_hash(sheet)}; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def environment() -> Environment:
    """A jinja2 environment for this folder's templates, which cleans and escapes every value."""
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        finalize=_final,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _final(value: Any) -> Any:
    """What every expression of a template passes through before it is escaped."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value
