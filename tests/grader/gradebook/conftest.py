from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.grader.gradebook.browser import Tab, chromium


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser looks at is long."""
    for item in items:
        if "tab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def tab() -> Iterator[Tab]:
    """One tab of a real browser, shared: to start one takes half a second."""
    with chromium() as opened:
        yield opened
