r"""IPython's grammar in a cell of a notebook: what is not Python becomes a comment, and everything else stays.

The rules are those of IPython's documentation and of its `inputtransformer2`, which is no library for this: it reads
the whole cell again for each magic, gives up after 500, and leaves calls of a shell that does not exist here.

- A magic, `%name …`, and a command, `!…`, begin a logical line: never inside a string, brackets or a continued line.
- `name?` and `?name` ask for help: a logical line whose first or last token is a question mark, comments being tokens.
- `x = !command` and `x = %magic` assign what a shell would have returned: an empty list, or None.
- `%%name` as a cell's first line is about the whole cell.
- `%%writefile FILE.py` writes the cell into a file: where that is the file to hand in, the cell is its code.
- `%time STATEMENT`, and the cells of `%%time`, `%%capture` and `%%prun`, are run as they stand, so they stay.

Lines end at "\n", "\r\n" and "\r", as in Python, and nowhere else; each stays one line. Nothing here is run or parsed:
tokens are told apart just so far as it takes to know where a logical line ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection

KEPT = frozenset({"time", "capture", "prun"})  # cell magics that run the cell as Python
ESCAPES = "%!?,;/"  # no statement begins so
CELL_MAGIC = re.compile(r"%%(?!\w+\?)(\S*)")
WRITTEN = re.compile(r"%%(?:writefile|file)[ \t]++(?:-a[ \t]++|--append[ \t]++)?(?P<file>[^\n]*)$")
FUTURE = re.compile(
    r"from[ \t]++__future__[ \t]++import[ \t]++(?P<names>\w++(?:[ \t]*+,[ \t]*+\w++)*+)[ \t]*+(?P<rest>;|#|\n|$)"
)
INDENT = re.compile(r"[ \t\f]*")
TIME = re.compile(r"%time[ \t]+(?=[^\s?])")  # with a statement behind it
VALUE = re.compile(r"[ \t]*(?:%[ \t]*(?=[^\W\d])|!)")  # after an assignment's "="
TOKEN = re.compile(
    r"""
      [ \t\f]+ | \\\n
    | (?P<comment> \#[^\n]* )
    | (?P<string> (?P<prefix> [bru] | br | rb | (?P<formatted> [ft] | [ft]r | r[ft] ) )? (?P<quote> \"""|\'\'\'|"|' ) )
    | (?P<operator> (?: \*\* | // | << | >> | [-+*/%@&|^=<>!:] ) = )
    | \w+
    | [\s\S]
    """,
    re.VERBOSE | re.IGNORECASE,
)
REST = {  # of a string, behind its first quote
    '"': re.compile(r'(?:[^"\\\n]++|\\[\s\S])*+"'),
    "'": re.compile(r"(?:[^'\\\n]++|\\[\s\S])*+'"),
    '"""': re.compile(r'(?:[^"\\]++|\\[\s\S]|"(?!""))*+"""'),
    "'''": re.compile(r"(?:[^'\\]++|\\[\s\S]|'(?!''))*+'''"),
}
TEXT = {  # of an f-string, up to where it ends or an expression begins
    '"': re.compile(r'(?:[^"\\\n{}]++|\{\{|\}\}|\\N\{[^}"\n]*\}|\\[^{}])*+'),
    "'": re.compile(r"(?:[^'\\\n{}]++|\{\{|\}\}|\\N\{[^}'\n]*\}|\\[^{}])*+"),
    '"""': re.compile(r'(?:[^"\\{}]++|\{\{|\}\}|\\N\{[^}"]*\}|\\[^{}]|"(?!""))*+'),
    "'''": re.compile(r"(?:[^'\\{}]++|\{\{|\}\}|\\N\{[^}']*\}|\\[^{}]|'(?!''))*+"),
}
NESTED = 200  # brackets, beyond which Python refuses a file
BRACKET, FIELD, FORMAT = "(", "{", ":"  # what a token may be inside of, beside an f-string, which its quote stands for


def plain_python(cell: str, futures: list[str] | None = None, kept: Collection[str] = ()) -> str:
    """A cell's Python: the same lines, of which those that only IPython understands are comments.

    So are imports from `__future__`, which belong before everything else in a module: their names are added to
    `futures`. A cell that is written to a file of a `kept` name is that file's code, and stays.
    """
    futures = [] if futures is None else futures
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[str] = []
    while True:  # one of IPython's words for a whole cell may stand above another one
        start = re.match(r"(?:[ \t\f]*\n)*", text)
        blank = start[0] if start else ""
        text = _dedented(text[len(blank) :])
        magic = CELL_MAGIC.match(text)
        if magic is None:
            return "".join([*pieces, blank, _python(text, futures)])
        first, newline, text = text.partition("\n")
        pieces += [blank, _comment(first), newline]
        written = WRITTEN.match(first)
        if magic[1] not in KEPT and (written is None or _name(written["file"]) not in kept):
            return "".join([*pieces, _comment(text)])
        if len(pieces) > 3 * NESTED:
            raise ValueError(f"a cell begins with more than {NESTED} lines for IPython")


def _name(path: str) -> str:
    """The file's name in what stands behind `%%writefile`."""
    return path.strip(" \t\"'").rpartition("/")[2]


def _dedented(text: str) -> str:
    """Without the first line's indentation, in every line that has it."""
    indent = re.match(r"[ \t]*", text)
    return re.sub(rf"(?m)^{indent[0]}", "", text) if indent and indent[0] else text


def _python(text: str, futures: list[str]) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(text):
        start = _after(INDENT, text, at)
        indent = text[at:start]
        while (timed := TIME.match(text, start)) is not None:
            start = timed.end()
        if text[start : start + 1] and text[start] in ESCAPES:
            at = _end_of_command(text, start)
            pieces.append(_command(text[start:at], indent))
        else:
            statement, at, is_question = _statement(text, start)
            future = FUTURE.match(statement) if not indent else None
            if future is not None:
                futures += [name.strip() for name in future["names"].split(",")]
                behind = statement[future.start("rest") :]
                statement = f"pass{behind}" if future["rest"] == ";" else _comment(statement)
            pieces.append(_command(text[start:at], indent) if is_question else indent + statement)
    return "".join(pieces)


def _statement(text: str, start: int) -> tuple[str, int, bool]:
    """The logical line that starts here as Python, where it ends, and whether it asks for help."""
    inside: list[str] = []
    pieces: list[str] = []
    last = ""
    is_assigned = False
    at = begin = start
    while at < len(text):
        if len(inside) > NESTED:
            at = len(text)
            break
        if inside and inside[-1] not in (BRACKET, FIELD):
            at = _through_text(text, at, inside)
            continue
        token = TOKEN.match(text, at)
        assert token is not None
        at = token.end()
        word = token[0]
        if word == "\n" and not inside:
            break
        if word == "=" and not inside and not is_assigned:
            is_assigned = True
            value = VALUE.match(text, at)
            if value is not None:
                before = text[begin:at]
                timed = TIME.match(text, _after(INDENT, text, at))
                if timed is None:
                    end = _end_of_command(text, at)
                    made = "None" if "%" in value[0] else "[]"
                    comment = _comment(text[at:end].lstrip(" \t"))
                    return "".join([*pieces, before, f" {made}  ", comment]), end, False
                pieces += [before, " "]
                at = begin = timed.end()
        elif token["quote"]:
            at = _through_string(text, at, token, inside)
        elif word in "([{":
            inside.append(BRACKET)
        elif word == ":" and inside and inside[-1] == FIELD:
            inside.append(FORMAT)
        elif word in ")]}" and inside and (inside[-1] == BRACKET or word == "}"):
            inside.pop()
        if not word.isspace() and word != "\\\n":
            last = word
    return "".join([*pieces, text[begin:at]]), at, last == "?"


def _through_string(text: str, at: int, token: re.Match[str], inside: list[str]) -> int:
    """Where a string that begins here ends; of an f-string no more than where its text begins."""
    quote = token["quote"]
    if token["formatted"]:
        inside.append(quote)
        return at
    end = REST[quote].match(text, at)
    if end is not None:
        return end.end()
    return len(text) if len(quote) == 3 else at  # Python refuses it, too


def _through_text(text: str, at: int, inside: list[str]) -> int:
    """Through an f-string's text, or through what says how an expression in it is formatted: up to what ends that."""
    is_format = inside[-1] == FORMAT
    quote = next(one for one in reversed(inside) if one in REST)
    at = _after(TEXT[quote], text, at)
    if text.startswith("{", at):
        inside.append(FIELD)
    elif text.startswith("}", at) and is_format:
        del inside[-2:]  # the expression as well
    elif text.startswith(quote, at):
        while inside.pop() != quote:
            pass
        return at + len(quote)
    elif text.startswith("\n", at):  # of a string that has none: Python refuses it, and the line ends
        inside.clear()
        return at
    return at + 1


def _end_of_command(text: str, at: int) -> int:
    """Behind the line that starts here, and behind those that continue it."""
    while (end := text.find("\n", at)) > 0 and text[end - 1] == "\\":
        at = end + 1
    return end + 1 or len(text)


def _command(text: str, indent: str) -> str:
    """What only IPython understands, as a comment; where a block would be left empty, with a `pass` before it."""
    return indent + ("pass  " if indent else "") + _comment(text)


def _comment(text: str) -> str:
    body, newline = (text[:-1], "\n") if text.endswith("\n") else (text, "")
    return "\n".join(f"# {line}" for line in body.split("\n")) + newline if text else ""


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern that matches everywhere ends."""
    found = pattern.match(text, at)
    return found.end() if found else at
