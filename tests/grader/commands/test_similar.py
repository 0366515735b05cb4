from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import zipfile
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.commands.cli import main
from grader.commands.demo import simulate
from grader.commands.similar import collected
from grader.commands.similar_page import SHOWN, pieces, render
from grader.commands.similarity import LARGEST, LEAST, Pair, Work, known_sources, similar, work
from grader.homework import load_homework
from grader.intake.submission import Submission
from tests.grader.gradebook.browser import chromium
from tests.grader.report.test_html import Page

ROOT = Path(__file__).parents[3]
HOMEWORK = load_homework(ROOT, "hw1_conv")
KNOWN = known_sources(HOMEWORK)
HOSTILE = "</mark></li></style><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} \x1b[2J \u202e"


class Renamed(ast.NodeTransformer):
    """Every name of the program's own gets another one."""

    def __init__(self, source: str) -> None:
        self.own = {node.arg for node in ast.walk(ast.parse(source)) if isinstance(node, ast.arg)}
        stored = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
        self.own |= {node.id for node in stored if isinstance(node.ctx, ast.Store)}

    def _other(self, name: str) -> str:
        return f"{hashlib.sha256(name.encode()).hexdigest()[:5].translate(str.maketrans('0123456789', 'ghijklmnop'))}_v"

    def visit_Name(self, node):
        return ast.Name(self._other(node.id), node.ctx) if node.id in self.own else node

    def visit_arg(self, node):
        return ast.arg(self._other(node.arg), node.annotation)


def disguised(source: str) -> str:
    """A copy as it is handed in: names changed, comments gone, functions in another order."""
    tree = Renamed(source).visit(ast.parse(source))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    tree.body = [node for node in tree.body if node not in functions] + functions[::-1]
    return ast.unparse(ast.fix_missing_locations(tree))


def test_a_download_of_canvas_is_taken_in_as_for_grading(tmp_path):
    archive = tmp_path / "submissions.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number, name in enumerate(("adalovelace", "hopperben")):
            file.writestr(f"{name}_{number}_90{number}_conv.py", HOMEWORK.reference_source + "\n" * number)
        file.writestr("zuse_7_907_conv.zip", "no archive")
    works, rejected = collected(HOMEWORK, [archive], tmp_path / "out")
    assert [one.name for one in works] == ["adalovelace_0", "hopperben_1"]
    assert [one.name for one in rejected] == ["zuse_7"]


def test_a_renamed_and_reordered_copy_comes_first_and_independent_work_not_at_all():
    works = [Work(name, source) for name, source in HOMEWORK.alternatives.items()]
    works += [Work(mistake.name, HOMEWORK.wrong_source([mistake])) for mistake in HOMEWORK.mistakes[::6]]
    copies = [
        Work(f"copy of {name}", disguised(HOMEWORK.alternatives[name])) for name in ("plain_loops", "numpy_scatter")
    ]
    pairs = similar([*works, *copies], KNOWN)
    assert {(pair.first.name, pair.second.name) for pair in pairs} == {
        ("plain_loops", "copy of plain_loops"),
        ("numpy_scatter", "copy of numpy_scatter"),
    }
    assert all(pair.share > 0.6 for pair in pairs)


def test_independent_solutions_are_far_from_being_listed():
    works = [Work(name, source) for name, source in HOMEWORK.alternatives.items()]
    assert similar(works, KNOWN, share=0.2) == []


@pytest.mark.long
def test_a_class_that_drew_its_mistakes_independently_is_not_listed(tmp_path):
    paths = simulate(HOMEWORK, tmp_path, 120, seed=5)
    sources = [file.read_text() for path in paths for file in path.glob("conv.py")]
    drawn = sorted({source for source in sources if source not in HOMEWORK.alternatives.values()})
    assert len(drawn) > 60
    assert similar([Work(str(i), source) for i, source in enumerate(drawn)], KNOWN) == []


def test_starter_and_reference_are_nobodys():
    source = HOMEWORK.reference_source
    assert similar([Work("ada", source), Work("ben", source)], KNOWN) == []
    starter = HOMEWORK.starter_source
    assert similar([Work("ada", starter), Work("ben", starter)], KNOWN) == []


def test_half_a_copy_is_found_with_its_lines():
    source = HOMEWORK.alternatives["im2col_matmul"]
    half = "\n".join(source.splitlines()[: source.count("\n") // 2])
    other = HOMEWORK.alternatives["strided_einsum"]
    (pair,) = similar([Work("ada", source), Work("ben", f"{half}\n\n\n{other}")], KNOWN)
    shared = [text for number, text in enumerate(pair.second.lines, start=1) if number in pair.second_lines]
    assert len(shared) > 20
    own = {line.strip() for line in half.splitlines()}
    assert sum(line.strip() in own for line in shared) > 0.9 * len(shared)


def test_marked_lines_are_equal_in_structure():
    source = HOMEWORK.alternatives["plain_loops"]
    (pair,) = similar([Work("ada", source), Work("ben", disguised(source))], KNOWN)
    covered = len(pair.first_lines) / len([line for line in source.splitlines() if line.strip()])
    assert covered > 0.5
    assert max(pair.first_lines) <= len(pair.first.lines)
    assert max(pair.second_lines) <= len(pair.second.lines)


def test_every_run_lists_the_same_pairs_whatever_pythons_hash_seed():
    script = (
        "from pathlib import Path; from grader.homework import load_homework; from grader.commands.similarity import *;"
        f"h = load_homework(Path({str(ROOT)!r}), 'hw1_conv');"
        "s = h.alternatives['plain_loops']; w = [Work('ada', s), Work('ben', s[:3000])];"
        "print([(p.first.name, p.second.name, p.shared, round(p.share, 9), sorted(p.first_lines)) for p in similar(w, [])])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().startswith("[('ada', 'ben', ")


def test_a_students_file_is_read_as_data(tmp_path):
    bomb = f"import os\nos.mkdir({str(tmp_path / 'ran')!r})\nraise SystemExit\n" + HOMEWORK.alternatives["plain_loops"]
    assert len(similar([Work("ada", bomb), Work("ben", bomb)], KNOWN)) == 1
    assert not (tmp_path / "ran").exists()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=400), min_size=2, max_size=4))
def test_any_text_can_be_compared(texts):
    works = [Work(str(i), "\n".join(text.splitlines())) for i, text in enumerate(texts)]
    for pair in similar([*works, Work("a", works[0].text * 50), Work("b", works[0].text * 50)], []):
        assert 0 <= pair.share <= 1
        assert pair.shared >= LEAST


def test_long_work_is_cut_and_said_so():
    made = work(Submission("ada", {"conv.py": b"x = 1\n" * LARGEST}, "", ""))
    assert made.cut
    assert len(made.text) == LARGEST
    assert "Compared in part: too long" in render("T", [made], [], [], 0.3)


def test_files_of_one_submission_are_one_text():
    made = work(Submission("ada", {"a.py": b"\xef\xbb\xbfx = 1\r\ny = 2", "b.py": b"\xff"}, "", ""))
    assert made.lines == ["# ---- a.py", "x = 1", "y = 2", "# ---- b.py", "\ufffd"]


def test_the_page_shows_both_sides_with_the_shared_lines_marked():
    source = HOMEWORK.alternatives["plain_loops"]
    works = [Work("ada", source), Work("ben", disguised(source))]
    pairs = similar(works, KNOWN)
    page = Page(render("Convolution", works, pairs, [], 0.3))
    assert "1 pair to look at" in page.text
    assert "never a proof or a penalty" in page.text
    marked = sum(tag == "mark" for tag, _ in page.elements)
    assert marked == len(pairs[0].first_lines) + len(pairs[0].second_lines)
    assert "def output_size" in page.text


def test_hostile_code_adds_no_element():
    text = "\n".join([HOSTILE, HOMEWORK.alternatives["plain_loops"], HOSTILE])
    works = [Work(HOSTILE, text), Work("ben", text)]
    page = render(HOSTILE, works, similar(works, KNOWN), [], 0.3)
    seen = Page(page)
    assert not {tag for tag, _ in seen.elements} & {"script", "img", "iframe"}
    assert "<script>alert(1)</script>" in seen.text
    assert not set(page) & set("\x1b\u202e")
    assert "http" not in re.sub(r"http-equiv", "", page.replace(HOMEWORK.alternatives["plain_loops"], ""))


def test_a_browser_runs_nothing_of_hostile_code_and_asks_for_nothing(tmp_path):
    text = "\n".join([HOSTILE, HOMEWORK.alternatives["plain_loops"], HOSTILE])
    works = [Work(HOSTILE, text), Work("ben", text)]
    page = tmp_path / "similar.html"
    page.write_text(render(HOSTILE, works, similar(works, KNOWN), [], 0.3))
    with chromium(390) as tab:
        tab.open(page)
        assert tab.run("document.querySelectorAll('script, img').length") == 0
        assert tab.run("document.querySelectorAll('mark').length") > 50
        assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert tab.requests == [page.as_uri()]
        assert tab.refused == []


@given(st.integers(1, 60), st.sets(st.integers(1, 60)))
def test_every_line_is_shown_once(n, shared):
    made = Work("ada", "\n".join(f"line {i}" for i in range(1, n + 1)))
    shared = frozenset(line for line in shared if line <= n)
    lines = [line for piece in pieces(made, shared) for line in piece.lines]
    assert lines == [(i, f"line {i}", i in shared) for i in range(1, n + 1)]
    assert not any(same for piece in pieces(made, shared) if piece.folded for _, _, same in piece.lines)


def test_a_long_list_is_cut_and_said_so():
    works = [Work(str(i), "x") for i in range(12)]
    pairs = [Pair(a, b, 600, 0.5, frozenset({1}), frozenset({1})) for a, b in combinations(works, 2)]
    page = Page(render("T", works, pairs, [], 0.3))
    assert sum(attributes.get("class") == "pair" for _, attributes in page.elements) == SHOWN
    assert f"{len(pairs) - SHOWN} more pairs that share less are not shown." in page.text


def command(folder, out, *options):
    return CliRunner().invoke(
        main, ["similar", "hw1_conv", str(folder), "-o", str(out), "--course", str(ROOT), *options]
    )


@pytest.fixture
def handed_in(tmp_path):
    sources = {
        "ada": HOMEWORK.alternatives["plain_loops"],
        "ben": disguised(HOMEWORK.alternatives["plain_loops"]),
        "cem": HOMEWORK.alternatives["numpy_scatter"],
    }
    for name, source in sources.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "conv.py").write_text(source)
    (tmp_path / "class" / "dora").mkdir()
    return tmp_path / "class"


def test_the_command_writes_the_page_and_lists_the_pairs(handed_in, tmp_path):
    run = command(handed_in, tmp_path / "out")
    assert run.exit_code == 0, run.output
    assert "ada, ben" in run.output
    assert "cem" not in run.output
    assert "not compared: dora" in run.output
    assert "1 pair of 3 submissions to look at" in run.output
    page = tmp_path / "out" / "similar.html"
    assert "dora" in Page(page.read_text("utf-8")).text
    assert page.stat().st_mode & 0o077 == 0


def test_nothing_alike_is_said(handed_in, tmp_path):
    run = command(handed_in, tmp_path / "out", "--share", "1")
    assert run.exit_code == 0
    assert "0 pairs of 3 submissions" in run.output
    assert "No two submissions share that much." in (tmp_path / "out" / "similar.html").read_text("utf-8")


def test_one_submission_has_nothing_to_be_compared_with(handed_in, tmp_path):
    run = command(handed_in / "ada", tmp_path / "out")
    assert run.exit_code == 2
    assert "two submissions at least are compared" in run.output
