from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.seed import parse_seed


@pytest.mark.parametrize("text", ["", "12", "zz" * 16, "0x" + "12" * 8])
def test_a_seed_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="hexadecimal digits"):
        parse_seed(text)


def test_a_seed_is_read_as_it_is_shown():
    assert parse_seed("00" * 15 + "ff").secret == bytes(15) + b"\xff"
    assert parse_seed(None) != parse_seed(None)
