"""Text that a student may have written, made safe to show anywhere, and numbers without rounding noise.

Every format cleans with `plain` first and then escapes for itself. What is left of a text is what is visible of it:
nothing moves the cursor, changes a colour, turns the reading direction or hides a character.
"""

from __future__ import annotations

import re

_TERMINAL = re.compile(
    r"\x1b\][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # operating system commands: window titles, links
    r"|\x1b[PX^_][^\x1b\x9c]*(?:\x1b\\|\x9c)"  # device control and its kin
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor, erasing
    r"|\x1b[ -/]*[0-~]"  # the two-character ones
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
TIMES, DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
_JOINERS = "\u200c\u200d"  # words of some scripts need them; they neither reorder nor hide anything


def plain(text: str, *, one_line: bool = False) -> str:
    """`text` with terminal sequences removed and every other invisible character shown as an escape.

    Control characters become ␀ to ␡ or `\\x9c`-like escapes, bidirectional and zero-width ones `\\u202e`, lone
    surrogates `\\udc80`; so the result can always be encoded. Line ends become newlines, or ␊ in `one_line`.
    """
    if text.isprintable():
        return text
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", _TERMINAL.sub("", text)))
    text = text.replace("\t", " " if one_line else "    ")
    return ("\u240a" if one_line else "\n").join(map(_visible_line, text.split("\n")))


def _visible_line(line: str) -> str:
    if line.isprintable():  # nearly all are, and to look at each character takes a hundred times as long
        return line
    return "".join(char if char.isprintable() or char in _JOINERS else _visible(char) for char in line)


def shorten(text: str, limit: int) -> str:
    """`text`, or its first characters and a note on how much is missing: at most `limit` characters (over 40)."""
    if len(text) <= limit:
        return text
    note = f"… ({len(text) - limit + 40:,} characters left out)"
    return text[: max(limit - len(note), 0)] + note


def points(score: float | None) -> str:
    """Points as people write them: "83", "7.5"; a dash where there are none."""
    return DASH if score is None else f"{round(score, 9) + 0.0:g}"


def out_of(score: float | None, max_score: float) -> str:
    """A score with its maximum: "83 / 100"."""
    return f"{points(score)} / {points(max_score)}"


def count(number: int, noun: str) -> str:
    """A number of things: "1 check", "3 checks"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub and most others make it: "3. Max pooling" → "3-max-pooling"."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
