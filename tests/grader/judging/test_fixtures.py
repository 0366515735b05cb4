"""Tests run without pytest's machinery get the arguments that pytest would give them, or are left to pytest."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from grader.judging.fixtures import prepare
from grader.judging.session import OPTIONS

HEAD = "import pytest\nLOG = []\n"


class Both:
    """Runs each test of a suite by pytest's own phases and, where it can be prepared, prepared."""

    def __init__(self) -> None:
        self.plain: dict[str, list[object]] = {}
        self.prepared: dict[str, list[object] | None] = {}

    @pytest.fixture
    def rng(self) -> str:
        return "the engine's"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for item in session.items:
            log = item.module.LOG
            item.ihook.pytest_runtest_setup(item=item)
            item.ihook.pytest_runtest_call(item=item)
            item.ihook.pytest_runtest_teardown(item=item, nextitem=None)
            self.plain[item.name] = log.copy()
            log.clear()
            prepared = prepare(item, {"rng": lambda _: "the engine's"})
            if prepared is not None:
                prepared.run()
            self.prepared[item.name] = log.copy() if prepared is not None else None
            log.clear()
        return True


def both(folder: Path, suite: str, conftest: str = "") -> Both:
    # pytest knows a module by its name
    (folder / f"test_{folder.name}.py").write_text(HEAD + dedent(suite))
    (folder / "conftest.py").write_text(dedent(conftest))
    plugin = Both()
    pytest.main([str(folder), f"--rootdir={folder}", *OPTIONS], plugins=[plugin])
    assert plugin.plain
    return plugin


PREPARED = {
    "parameters": """
        @pytest.mark.parametrize("case", [1, (2, 3)])
        @pytest.mark.parametrize("name", ["a"])
        def test(case, name):
            LOG.append((case, name))
    """,
    "fixtures of fixtures": """
        @pytest.fixture
        def one():
            LOG.append("one")
            return 1

        @pytest.fixture
        def two(one, rng):
            LOG.append("two")
            return one + 1, rng

        def test(two, one):
            LOG.append((one, two))
    """,
    "a fixture that takes a parameter of the test": """
        @pytest.fixture
        def twice(case):
            return 2 * case

        @pytest.mark.parametrize("case", [1, 2])
        def test(twice):
            LOG.append(twice)
    """,
    "a parameter in place of a fixture": """
        @pytest.fixture
        def one():
            return 1

        @pytest.mark.parametrize("one", [3])
        def test(one):
            LOG.append(one)
    """,
    "an automatic fixture comes first": """
        @pytest.fixture
        def one():
            LOG.append("one")

        @pytest.fixture(autouse=True)
        def seeded():
            LOG.append("seeded")

        def test(one):
            LOG.append("test")
    """,
}
LEFT_TO_PYTEST = {
    "a fixture with parameters": """
        @pytest.fixture(params=[1, 2])
        def ten(request):
            return 10 * request.param

        def test(ten):
            LOG.append(ten)
    """,
    "an indirect parameter": """
        @pytest.fixture
        def ten(request):
            return 10 * request.param

        @pytest.mark.parametrize("ten", [1], indirect=True)
        def test(ten):
            LOG.append(ten)
    """,
    "a fixture of the engine's overridden": """
        @pytest.fixture
        def rng():
            return "the suite's"

        def test(rng):
            LOG.append(rng)
    """,
    "clean-up": """
        @pytest.fixture
        def lent():
            yield 1
            LOG.append("given back")

        def test(lent):
            LOG.append(lent)
    """,
    "a fixture of the module's": """
        @pytest.fixture(scope="module")
        def kept():
            return 1

        def test(kept):
            LOG.append(kept)
    """,
    "a class": """
        class Test:
            def test(self):
                LOG.append(1)
    """,
    "set-up by a function's name": """
        def setup_function(function):
            LOG.append("set up")

        def test():
            LOG.append("test")
    """,
    "usefixtures": """
        @pytest.fixture
        def one():
            LOG.append("one")

        @pytest.mark.usefixtures("one")
        def test():
            LOG.append("test")
    """,
}


@pytest.mark.parametrize("suite", PREPARED.values(), ids=PREPARED)
def test_prepared_is_as_by_pytest(tmp_path, suite):
    seen = both(tmp_path, suite)
    assert seen.prepared == seen.plain


@pytest.mark.parametrize("suite", LEFT_TO_PYTEST.values(), ids=LEFT_TO_PYTEST)
def test_left_to_pytest(tmp_path, suite):
    assert set(both(tmp_path, suite).prepared.values()) == {None}


@pytest.mark.parametrize(
    "hook", ["pytest_runtest_setup(item)", "pytest_fixture_setup(request)", "pytest_pyfunc_call(pyfuncitem)"]
)
def test_hooks_of_a_conftest_file_are_left_to_pytest(tmp_path, hook):
    assert both(tmp_path, "def test():\n    pass\n", f"def {hook}:\n    pass\n").prepared == {"test": None}
