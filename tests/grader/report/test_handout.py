"""A handout as one HTML file: it shows all that its Markdown shows, and asks nobody for anything."""

from __future__ import annotations

import re

import pytest

from grader.errors import UsageError
from grader.homework import homework_names
from grader.report.handout import page
from grader.report.text import anchor
from grader.spec import load_assignment
from tests.hostile.here import ROOT

README = r"""# Homework 0: `double`

| part | points |
|---|---:|
| 1. All of $x^2$ | 10 |

## 1. All of it, forward

For $N$ images

$$
\begin{aligned}
a &= \frac{1}{m} \sum_{i=1}^m x_i && \texttt{batch\_mean} \\
b &= a
\end{aligned}
$$

It costs \$5, `$x$` is code, and 3 < 4.

```python
def double(x):
    return 2 * x
```

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="dark.svg">
  <img src="light.svg" alt="A picture">
</picture>
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("light.svg", "dark.svg"):
        (tmp_path / name).write_text(f"<svg><!-- {name} --></svg>")
    return tmp_path


def test_formulas_tables_code_and_pictures(folder):
    made = page(README, folder)
    assert made.count("<math") == 3
    assert "<mfrac>" in made
    assert "batch_mean" in re.sub(r"<[^>]+>", "", made)
    assert "It costs $5, " in made
    assert "<code>$x$</code> is code, and 3 &lt; 4" in made
    assert '<span class="k">def</span>' in made
    assert "<table>" in made
    assert len(re.findall(r'src(?:set)?="data:image/svg\+xml;base64,', made)) == 2
    assert "<title>Homework 0: double</title>" in made
    assert '<h2 id="1-all-of-it-forward">' in made


def test_it_asks_nobody_for_anything(folder):
    made = page(README, folder)
    assert "<script" not in made
    assert not re.findall(r'(?:src|srcset|href)="(?!data:|#)', made)


def test_headings_are_linked_as_on_the_usual_sites(tmp_path):
    assert '<h2 id="3-forward--backward">' in page("## 3. `forward` & backward\n", tmp_path)


@pytest.mark.parametrize("name", homework_names(ROOT))
def test_reports_link_to_sections_that_are_there(name):
    folder = ROOT / "assignments" / name
    made = page((folder / "README.md").read_text("utf-8"), folder)
    sections = [part.section for part in load_assignment(folder).parts if part.section]
    assert sections
    assert [one for one in sections if f'id="{anchor(one)}"' not in made] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"$\frac$", "cannot be read"),
        (r"$\nosuchthing x$", r"holds \\nosuchthing, which is not known"),
        ('<img src="missing.png">', "missing.png cannot be read"),
        ('<img src="../secret.png">', "pictures that lie beside it"),
        ('<img src="https://example.org/a.png">', "pictures that lie beside it"),
    ],
)
def test_what_cannot_be_shown_is_said(folder, text, said):
    with pytest.raises(UsageError, match=said):
        page(f"# Title\n\n{text}\n", folder)


@pytest.mark.parametrize("readme", sorted(ROOT.glob("assignments/*/README.md")), ids=lambda path: path.parent.name)
def test_every_handout_has_its_page(readme):
    made = page(readme.read_text("utf-8"), readme.parent)
    assert "\\" not in re.sub(r"<(pre|code)\b.*?</\1>", "", made[made.index("<main>") :], flags=re.DOTALL)
