from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.grader.gradebook.browser import Tab, chromium


@pytest.fixture(scope="session")
def tab() -> Iterator[Tab]:
    """One tab of a real browser, shared: to start one takes half a second."""
    with chromium() as opened:
        yield opened
