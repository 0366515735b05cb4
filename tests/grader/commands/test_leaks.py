from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.commands.leaks import PASSAGE, Secrets, find_leaks, telling

REFERENCE = '''"""The model answer.

It is written in one pass over the cells of the window.
"""

import torch


def conv(x, w,
         b):
    """Slide w along x.

    x (n,), w (k,), b () → (n - k + 1,)
    and a third line
    and a fourth line
    and a fifth line
    and a sixth line
    """
    n = len(x) - len(w) + 1
    out = torch.empty(n)
    for i in range(n):
        window = x[i : i + len(w)]
        # the bias is added once
        total = (window * w).sum()
        out[i] = total + b
    return out
'''
BODY = REFERENCE.rsplit('"""\n', maxsplit=1)[1]
MORE = "\n\ndef relu(x):\n    return x.clamp(min=0)\n"


def secrets(**files: str) -> Secrets:
    known = Secrets()
    for name, text in (files or {"reference": REFERENCE + MORE}).items():
        known.add(f"reference/hw/{name}.py", text.encode())
    return known


def found(text: str | bytes, known: Secrets | None = None, path: str = "public.py") -> list[str]:
    content = text if isinstance(text, bytes) else text.encode()
    return [str(leak) for leak in find_leaks({path: content}, known or secrets())]


def test_a_secret_file_is_found_whole_also_reformatted():
    assert found(REFERENCE + MORE) == ["public.py: it is reference/hw/reference.py"]
    assert found("\n\n" + (REFERENCE + MORE).replace("    ", "\t").replace("Slide", "Push")) == [
        "public.py: it holds all lines of reference/hw/reference.py"
    ]
    assert found(b"\x89PNG\xff\x00", _binary(), "plot.png") == ["plot.png: it is reference/hw/plot.png"]


def _binary() -> Secrets:
    known = Secrets()
    known.add("reference/hw/plot.png", b"\x89PNG\xff\x00")
    return known


def test_a_secret_file_of_few_lines_is_found_too():
    known = secrets(leaky='"""You leak."""\n\nPARTS = ("relu",)\n\n\ndef relu(x):\n    return x.clamp(min=-1)\n')
    assert found("def relu(x):\n    return x.clamp(min=0)\n", known) == []
    assert found('PARTS = ("relu",)\ndef relu(y):\n    return x.clamp(min=-1)\n', known) == [
        "public.py: it holds all lines of reference/hw/leaky.py"
    ]


def test_a_passage_is_found_with_file_and_line():
    public = f"def other():\n    pass\n\n\ndef mine(x, w, b):\n{BODY}"
    assert found(public) == ["public.py:6: 8 lines of reference/hw/reference.py from line 19 on"]


@pytest.mark.parametrize(
    "disguise",
    [
        lambda body: "\n".join(f"# {line}" for line in body.splitlines()),
        lambda body: "\n".join(f"> {line}" for line in body.splitlines()),
        lambda body: "\n\n".join(body.splitlines()),
        lambda body: body.replace("    ", "\t").replace(" = ", "  =  "),
        lambda body: f'def f():\n    """Hint:\n{body}    """\n',
        lambda body: "import torch\n".join(body.splitlines(keepends=True)),
        lambda body: body.replace("\n", "\r\n"),
        lambda body: "\ufeff" + body,
    ],
)
def test_a_passage_is_found_in_a_comment_a_docstring_a_quote_or_respaced(disguise):
    (leak,) = found(disguise(BODY), path="README.md")
    assert "8 lines of reference/hw/reference.py from line 19 on" in leak


def test_a_passage_is_found_in_a_notebook():
    lines = ",\n".join(f'    "{line}\\n"' for line in BODY.splitlines())
    assert found('{"cells": [{"source": [\n' + lines + "\n]}]}", path="hw.ipynb") == [
        "hw.ipynb:2: 8 lines of reference/hw/reference.py from line 19 on"
    ]


def test_five_lines_are_no_passage():
    five = "\n".join(BODY.splitlines()[: PASSAGE - 1])
    assert found(five) == []
    assert len(found("\n".join(BODY.splitlines()[:PASSAGE]))) == 1


def test_signatures_docstrings_and_imports_are_shared_by_design():
    starter = REFERENCE.replace(BODY, "    raise NotImplementedError\n")
    assert len(starter.splitlines()) > 3 * PASSAGE
    assert found(starter) == []


def test_decorators_of_hidden_checks_are_no_interface():
    cases = "".join(f"    ({i}, {i * i}),\n" for i in range(PASSAGE))
    hidden = (
        f'@pytest.mark.parametrize("case", [\n{cases}])\ndef test_it(case):\n    """It works."""\n    agree(case)\n'
    )
    assert len(found(cases, secrets(hidden=hidden))) == 1


def test_a_canary_is_found_anywhere():
    known = secrets(reference="# CANARY-5f3c9a7e1b\nx = 1\n")
    assert found("a\nb CANARY-5f3c9a7e1b\n", known) == [
        "public.py:2: the canary CANARY-5f3c9a7e1b of reference/hw/reference.py"
    ]
    assert found(b"\xff\n\x00CANARY-5f3c9a7e1b", known, "a.png") == [
        "a.png:2: the canary CANARY-5f3c9a7e1b of reference/hw/reference.py"
    ]
    assert found("CANARY-5f3c9a7e1c", known) == []


def test_a_file_that_is_no_python_has_no_interface():
    known = Secrets()
    notes = "\n".join(f"Rule {i} for graders." for i in range(PASSAGE))
    known.add("tests/hidden/hw/notes.md", notes.encode())
    known.add("reference/hw/broken.py", notes.replace("Rule", "Law").encode())
    assert found(f"# Title\n{notes}\nend", known) == ["public.py:2: 6 lines of tests/hidden/hw/notes.md from line 1 on"]
    assert len(found(f"x = 1\n{notes.replace('Rule', 'Law')}", known)) == 1


lines = st.lists(st.sampled_from(["a = 1", "b = 2", "c = 3", "", ")", "import os", "d(4)"]), max_size=30)


@given(lines, lines)
def test_a_leak_is_a_run_of_six_telling_lines_and_nothing_less(public, secret):
    known = secrets(secret="\n".join(secret))
    mine = [text for _, text in telling("p.py", "\n".join(public).encode(), interface=True)]
    theirs = [text for _, text in telling("s.py", "\n".join(secret).encode(), interface=False)]
    runs = {tuple(theirs[i : i + PASSAGE]) for i in range(len(theirs) - PASSAGE + 1)}
    shares = any(tuple(mine[i : i + PASSAGE]) in runs for i in range(len(mine) - PASSAGE + 1))
    same = bool(theirs) and mine == theirs
    assert bool(found("\n".join(public), known)) == (shares or same or _identical(public, secret))


def _identical(public, secret):
    content = "\n".join(public).encode()
    return (
        bool(content.strip())
        and hashlib.sha256(content).digest() == hashlib.sha256("\n".join(secret).encode()).digest()
    )


@given(st.binary(max_size=60))
def test_any_bytes_can_be_looked_at(content):
    known = secrets()
    known.add("reference/hw/any.py", content)
    found(content, known)
