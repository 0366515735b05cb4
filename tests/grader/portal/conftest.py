from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.grader.portal.site import Site


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.book.close()
