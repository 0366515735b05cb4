from __future__ import annotations

import ast
import contextlib
import io
import json
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.caps import Unreadable
from grader.intake.magics import plain_python
from grader.intake.notebook import VALUES, module_source
from grader.intake.submission import IntakeError, find_submissions, read_submission
from grader.spec import Assignment, Part

ONE = Assignment(name="hw", title="Hw", points=1, files=("conv.py",), parts=(Part(name="a", title="A", points=1),))
CELLS = (
    ("markdown", "# Title"),
    ("code", ["%matplotlib inline\n", "import torch\n", "!pip install left-pad\n", "def f(x):\n", "    return x + 1"]),
    ("code", "%%bash\nrm -rf /"),
    ("code", "if True:\n    %timeit f(1)\nf?"),
)


def notebook(*cells) -> bytes:
    return json.dumps(
        {
            "nbformat": 4,
            "cells": [{"cell_type": kind, "source": source, "outputs": ["x" * 10]} for kind, source in cells],
        }
    ).encode()


def test_code_cells_become_a_module_and_ipythons_own_lines_comments():
    source = module_source(notebook(*CELLS)).decode()
    assert source.splitlines()[0] == "# In [1]:"
    tree = ast.parse(source)
    assert [type(node).__name__ for node in tree.body] == ["Import", "FunctionDef", "If"]
    assert "# rm -rf /" in source
    assert "# %matplotlib inline" in source


def test_an_old_notebook_is_read():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
    assert b"x = 1" in module_source(json.dumps(old).encode())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no notebook: it cannot be read as JSON"),
        (b"[" * 100_000, "is no notebook: it cannot be read as JSON"),
        (b"[]", "is no notebook"),
        (b'{"cells": 3}', "without a cell of code"),
        (notebook(("markdown", "x")), "without a cell of code"),
        (notebook(("code", "x" * 1_100_000)), "holds more than 1 MB of code"),
    ],
)
def test_what_is_no_notebook_is_said(content, why):
    with pytest.raises(Unreadable, match=why):
        module_source(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "worksheets", "code", "input"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_whatever_json_holds_it_is_code_or_said(value):
    with contextlib.suppress(Unreadable):
        assert module_source(json.dumps(value).encode()).startswith(b"# In [1]:\n")


def archive(kind: str, files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as packed:
            for name, content in files.items():
                packed.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "folder", "lone"])
def test_a_notebook_stands_for_the_file_however_it_is_handed_in(tmp_path, kind):
    content = notebook(*CELLS)
    if kind == "folder":
        (tmp_path / "ada").mkdir()
        (tmp_path / "ada" / "hw1.ipynb").write_bytes(content)
        path = tmp_path / "ada"
    else:
        path = tmp_path / ("ada.ipynb" if kind == "lone" else f"ada.{kind}")
        path.write_bytes(content if kind == "lone" else archive(kind, {"hw1.ipynb": content}))
    submission = read_submission(path, ONE)
    assert submission.name == "ada"
    assert submission.files == {"conv.py": module_source(content)}


def test_pictures_make_no_notebook_too_large(tmp_path):
    cells = [{"cell_type": "code", "source": "x = 1", "outputs": [{"data": {"image/png": "A" * 3_000_000}}]}]
    (tmp_path / "conv.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "README.txt").touch()
    assert read_submission(tmp_path, ONE).files == {"conv.py": b"# In [1]:\nx = 1\n"}


def test_the_file_itself_counts_where_there_are_both(tmp_path):
    (tmp_path / "conv.py").write_text("x = 2\n")
    (tmp_path / "conv.ipynb").write_bytes(notebook(*CELLS))
    submission = read_submission(tmp_path, ONE)
    assert submission.files == {"conv.py": b"x = 2\n"}
    assert submission.ignored == ("conv.ipynb",)


def test_of_several_notebooks_the_one_of_the_name_counts_and_none_is_guessed(tmp_path):
    for name in ("conv.ipynb", "play.ipynb"):
        (tmp_path / name).write_bytes(notebook(("code", f"x = '{name}'")))
    assert b"conv.ipynb" in read_submission(tmp_path, ONE).files["conv.py"]
    (tmp_path / "conv.ipynb").rename(tmp_path / "more.ipynb")
    with pytest.raises(
        IntakeError, match=r"holds more\.ipynb and play\.ipynb\. Name the notebook to grade conv\.ipynb\."
    ):
        read_submission(tmp_path, ONE)


def test_a_broken_notebook_is_said(tmp_path):
    (tmp_path / "conv.ipynb").write_text("{")
    with pytest.raises(IntakeError, match="is no notebook: it cannot be read as JSON"):
        read_submission(tmp_path, ONE)
    with pytest.raises(IntakeError, match="is no notebook: it cannot be read as JSON"):
        read_submission(tmp_path / "conv.ipynb", ONE)


def test_a_class_of_notebooks_is_a_class(tmp_path):
    for name in ("ada", "ben"):
        (tmp_path / f"{name}.ipynb").write_bytes(notebook(*CELLS))
    assert [one.name for one in find_submissions([tmp_path], ONE)] == ["ada", "ben"]


def test_lines_for_ipython_above_each_other_are_read_up_to_many():
    assert plain_python("%%time\n\n%%capture out\nx = 1\n") == "# %%time\n\n# %%capture out\nx = 1\n"
    with pytest.raises(Unreadable, match="begins with more than"):
        module_source(notebook(("code", "%%time\n" * 3_000)))


def test_printed_commas_are_no_values():
    cells = [{"cell_type": "code", "source": "x = 1", "outputs": [{"text": "[1, 2], " * (2 * VALUES)}]}]
    assert b"x = 1" in module_source(json.dumps({"cells": cells}).encode())


def lines_of(*cells: str) -> list[str]:
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    return module_source(json.dumps(notebook).encode()).decode().split("\n")


def ran(*cells: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile("\n".join(lines_of(*cells)), "notebook", "exec"), names)
    return names


def test_what_ipython_gives_to_every_notebook_does_nothing():
    names = ran("x = 1\ndisplay(x)", "get_ipython().run_line_magic('matplotlib', 'inline')\ny = 2")
    assert (names["x"], names["y"]) == (1, 2)
    assert "display" not in lines_of("x = 1")[0]


def test_an_import_from_the_future_may_stand_in_any_cell():
    cells = ("import math", "from __future__ import annotations, division  # as told\ndef f(x: Nowhere): return x\n")
    assert ran(*cells)["f"](3) == 3
    assert lines_of(*cells)[0] == "from __future__ import annotations, division  # In [1]:"
    assert ran("from __future__ import annotations\ndisplay(1)", "x = 1")["x"] == 1
    assert ran('"""A"""', '"""B"""', "from __future__ import annotations; x = 2")["x"] == 2
    assert len(lines_of(*cells)) == len(lines_of("import math", "# as told\ndef f(x): return x\n"))


def test_a_text_about_the_future_stays():
    assert ran('x = """\nfrom __future__ import annotations\n"""')["x"] == "\nfrom __future__ import annotations\n"


def test_a_cell_that_is_written_to_the_file_to_hand_in_is_its_code():
    cells = [
        "%%writefile -a ./conv.py\ndef f(): return 1",
        "%%writefile train.py\nimport nowhere",
        "%%file x y.txt\nno Python",
    ]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    names: dict[str, object] = {}
    exec(module_source(json.dumps(notebook).encode(), ("conv.py",)), names)
    assert names["f"]() == 1
    assert b"\ndef f" not in module_source(json.dumps(notebook).encode())


@pytest.mark.parametrize("content", [b'"' + b'\\"' * 1_000_000, b'{"cells": [' + b'"\\' * 1_000_000])
def test_no_broken_notebook_takes_long(content):
    with pytest.raises(Unreadable):
        module_source(content)


def test_outputs_may_be_as_large_as_they_like():
    numbers = ",".join(["0.25"] * 3_000_000)
    content = (
        '{"nbformat": 4, "metadata": {"x": [1]}, "cells": ['
        f'{{"cell_type": "code", "outputs": [{{"data": [{numbers}]}}], "source": ["x = 1\\n", "y = 2"]}}, '
        '{"cell_type": "markdown", "source": "# no code"}]}'
    ).encode()
    assert module_source(content) == b"# In [1]:\nx = 1\ny = 2\n"


@pytest.mark.parametrize("value", [b"{},", b'{"source": [[]], "cell_type": "raw"},'])
def test_cells_that_say_nothing_are_counted(value):
    """Where they were not, sixteen million took a gigabyte."""
    with pytest.raises(Unreadable, match="too much beside its code"):
        module_source(b'{"cells": [' + value * VALUES + b"{}]}")


@pytest.mark.parametrize(("value", "said"), [(b"[],", "too much beside"), (b'"\xc3\xa9!",', "MB of code")])
def test_what_stands_in_place_of_code_is_counted(value, said):
    """Sixteen million empty lists in place of a cell's lines took a gigabyte."""
    lines = b'{"cells": [{"cell_type": "code", "source": [' + value * 3_000_000 + b'""]}]}'
    with pytest.raises(Unreadable, match=said):
        module_source(lines)


def test_a_notebook_that_is_not_strict_json_is_read_too():
    assert module_source(b'{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": [NaN]}]}').startswith(
        b"# In [1]:"
    )
