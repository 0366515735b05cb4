"""Attacks on whoever reads a report: text that a page would run, load, colour or compute."""

from __future__ import annotations

import functools
import re
import subprocess
import tempfile
from pathlib import Path

from tests.hostile.corpus import Attack

MARK = "pwned-by-a-submission"
GROUP = "write to the reader"


def _attack(name: str, sentence: str, text: str, kind: str, verdicts: str = "error", where: str = "message") -> Attack:
    source = {
        "message": "def scale(x):\n    raise ValueError({text!r})\n",
        "type": "def scale(x):\n    raise type({text!r}, (Exception,), {{}})\n",
        "line": "def scale(x):\n    raise ValueError  # {text}\n",
        "value": "def count(x):\n    return {text!r}\n",
        "object": "def count(x):\n    return type({text!r}, (), {{}})()\n",
    }[where].format(text=text)
    part = "count" if where in ("value", "object") else "scale"
    files = {"hostile.py": source.encode()}
    naive = {"kind": kind, "text": text}
    return Attack(GROUP, name, sentence, frozenset(verdicts.split(", ")), "page", "report", part, files, naive)


SCRIPT = f"<script>document.documentElement.setAttribute('class','{MARK}')</script>"
IMAGE = f"<img src=x: onerror=\"document.documentElement.setAttribute('class','{MARK}')\">"
ATTACKS = [
    _attack("script", "Raises an exception whose text is a script.", SCRIPT, "html"),
    _attack("image", "Raises an exception whose text is an image that fails with a script.", IMAGE, "html"),
    _attack("closing_tags", "Closes whatever element the text stands in, then adds a script.", f"</p></pre></code></td></div></details>{SCRIPT}", "html"),
    _attack("vector", "Draws a picture that runs a script when it loads.", f"<svg onload=\"document.documentElement.setAttribute('class','{MARK}')\"></svg>", "html"),
    _attack("type_name", "Names its exception's type like a script.", SCRIPT, "html", where="type"),
    _attack("source_line", "Has the script in the line of source that is shown.", IMAGE, "html", where="line"),
    _attack("value", "Answers with a script where a number is asked for.", SCRIPT, "html", "failed", where="value"),
    _attack("object_name", "Answers with an object whose type is named like a script.", SCRIPT, "html", "failed", where="object"),
    _attack("markdown_image", "Raises an exception whose text is a Markdown image that calls home.", "![x](http://attacker.example/seen)", "markdown"),
    _attack("markdown_fence", "Closes the code block that its text stands in.", "```\n\n![x](http://attacker.example/seen)\n\n[click](javascript:alert(1))\n```", "markdown"),
    _attack("markdown_long_fence", "Closes code blocks of any length, and spans too.", "`" * 12 + "\n\n![x](http://attacker.example/seen)\n", "markdown"),
    _attack("terminal_colours", "Raises an exception whose text clears the terminal and sets its title.", "\x1b[2J\x1b]0;passed\x07\x1b[32mPASSED\x1b[0m", "terminal"),
    _attack("reading_direction", "Raises an exception whose text turns the reading direction round.", "\u202e001 / 001 derocs\u2066", "terminal"),
    _attack("invisible", "Hides text between characters of no width.", "fail\u200bed\ufeff \u2060\u00ad\U000e0041", "terminal"),
    _attack("carriage_return", "Writes over the beginning of the line.", "error\rAll checks passed\x08\x08\x7f", "terminal"),
    _attack("surrogates", "Raises an exception with halves of characters, which cannot be written down.", "\ud800\udfff", "encoding"),
]  # fmt: skip


def naive(attack: Attack) -> tuple[bool, str]:
    """What a report made of f-strings does with the text."""
    kind, text = attack.naive["kind"], attack.naive["text"]
    if kind == "encoding":
        try:
            f"<p>{text}</p>".encode()
        except UnicodeEncodeError as error:
            return True, f"the report cannot be written: {error}"
        return False, "written"
    if kind == "html":
        return runs_a_script(
            f"<!doctype html><html><body><table><tr><td><pre>{text}</pre></td></tr></table></body></html>"
        ), ""
    fence = "```\n" if text.startswith("`") else ""
    seen = _markdown(f"# Report\n\n{fence}{text}\n{fence}") if kind == "markdown" else _terminal(f"wrong: {text}\n")
    return bool(seen), seen


def harm(files: dict[str, str]) -> str:
    """What is wrong with the reports of an attack: the first thing found, or nothing."""
    for name, text in files.items():
        if name.endswith(".html") and (MARK in text) and runs_a_script(text):
            return f"{name} runs a script"
        if name.endswith(".md") and _markdown(text):
            return f"{name}: {_markdown(text)}"
        if not name.endswith(".json") and _terminal(text):
            return f"{name}: {_terminal(text)}"
        if name.endswith(".html") and re.search(r"<(img|script|iframe|object|embed|link|form)\b|\son[a-z]+=\"", text):
            return f"{name} holds an element that loads or runs"
    return ""


def _markdown(text: str) -> str:
    """An image or link outside code, or nothing. Fences are followed as CommonMark has them."""
    fence = ""
    for line in text.splitlines():
        ticks = re.match(r"`{3,}", line)
        if fence:
            if ticks and len(ticks[0]) >= len(fence) and not line.strip("` "):
                fence = ""
        elif ticks and "`" not in line[len(ticks[0]) :]:
            fence = ticks[0]
        else:
            found = re.search(r"!?\[[^\]]*\]\([^)]*\)", re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
            if found:
                return f"an image or link: {found[0]}"
    return ""


def _terminal(text: str) -> str:
    found = re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]", text
    )
    return f"the character {found[0]!r}" if found else ""


@functools.cache
def runs_a_script(page: str) -> bool:
    """Whether a headless browser that opens this page, without a network, runs a script of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        path.write_text(page)
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += [f"--user-data-dir={folder}/profile", "--dump-dom", path.as_uri()]
        seen = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
        if "<html" not in seen:
            raise RuntimeError("chromium shows nothing")
        return bool(re.match(rf'<!DOCTYPE html>\s*<html[^>]*class="{MARK}"', seen, re.IGNORECASE))
