"""A homework's README.md as one HTML file: formulas as MathML, pictures inside, no script and no network."""

from __future__ import annotations

import base64
import re
from html import escape, unescape
from pathlib import Path

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from grader.errors import UsageError
from grader.report.text import anchor

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_PICTURE = re.compile(r'(?<=\s)(src|srcset)="([^"]+)"')
_HEADING = re.compile(r"<h([1-4])>(.*?)</h\1>", re.DOTALL)
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --ground: #fff; --line: #d1d9e0; --code: #f6f8fa; --link: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --ground: #0d1117; --line: #3d444d; --code: #161b22; --link: #79b8ff; }
}
body { color: var(--ink); background: var(--ground); font: 1rem/1.6 system-ui, sans-serif; margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.25; margin: 2em 0 .6em; }
h1 { font-size: 1.9rem; margin-top: 0; }
h2 { font-size: 1.35rem; border-top: 1px solid var(--line); padding-top: 1.2em; }
a { color: var(--link); }
code, pre { font: .875rem/1.5 ui-monospace, monospace; background: var(--code); border-radius: 4px; }
code { padding: .1em .3em; } pre { padding: .8rem 1rem; overflow-x: auto; } pre code { padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1.2em 0; }
th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: left; vertical-align: top; }
thead:not(:has(th:not(:empty))) { display: none; }
mtd[columnalign="left"] { text-align: left; } mtd[columnalign="right"] { text-align: right; }
math[display="block"] { overflow-x: auto; overflow-y: hidden; margin: 1.2em 0; }
img { max-width: 100%; height: auto; }
@media print { body { font-size: 11pt; } main { max-width: none; } }
"""


def page(readme: str, folder: Path) -> str:
    """The page of a handout, whose pictures lie in `folder`. Raises `UsageError` with a sentence for staff."""
    reader = MarkdownIt("commonmark", {"html": True, "highlight": _code}).enable("table")
    reader.use(dollarmath_plugin, renderer=_formula, allow_space=False, double_inline=True)
    body = _PICTURE.sub(lambda found: f'{found[1]}="{_inside(folder, found[2])}"', reader.render(readme))
    body = _HEADING.sub(lambda found: f'<h{found[1]} id="{anchor(_bare(found[2]))}">{found[2]}</h{found[1]}>', body)
    title = re.search(r"<h1[^>]*>(.*?)</h1>", body, re.DOTALL)
    name = re.sub(r"<[^>]+>", "", title[1]) if title else "Handout"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>{_STYLE}{_colours()}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _bare(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def _formula(text: str, options: dict[str, bool]) -> str:
    known = re.sub(r"(begin|end)\{aligned\}", r"\1{align*}", text)  # which is the same here
    known = re.sub(r"\\text(tt|bf|it)?\{[^{}]*\}", lambda found: found[0].replace(r"\_", "_"), known)
    try:
        made = convert(known, display="block" if options["display_mode"] else "inline")
    except Exception as error:  # its own errors have no common root
        raise UsageError(f"this formula of the handout cannot be read: {text.strip()}") from error
    if unknown := re.search(r">\s*(\\[a-zA-Z]+)", made):
        raise UsageError(f"this formula of the handout holds {unknown[1]}, which is not known: {text.strip()}")
    return made


def _code(text: str, language: str, _: object) -> str:
    try:
        return str(highlight(text, get_lexer_by_name(language or "text"), HtmlFormatter(nowrap=True)))
    except ClassNotFound:
        return escape(text)


def _colours() -> str:
    light = HtmlFormatter(style="default", nobackground=True).get_style_defs("pre")  # type: ignore[no-untyped-call]
    dark = HtmlFormatter(style="github-dark", nobackground=True).get_style_defs("pre")  # type: ignore[no-untyped-call]
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"


def _inside(folder: Path, source: str) -> str:
    """A picture as a data address."""
    if ":" in source or source.startswith(("/", "//")):
        raise UsageError(f"{source}: a handout shows pictures that lie beside it")
    path = folder / source
    if (kind := KINDS.get(path.suffix.lower())) is None or not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{source}: a handout shows pictures that lie beside it: {', '.join(KINDS)}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
