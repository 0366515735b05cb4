from __future__ import annotations

import pytest

from tests.containers import machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where no engine is to be had, nothing here can run, and the reason is shown."""
    if why := machine.lacking():
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"NO CONTAINERS TESTED: {why}"))
