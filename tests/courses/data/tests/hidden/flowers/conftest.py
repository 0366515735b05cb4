import pandas as pd
import pytest


@pytest.fixture
def table(draws):
    """Twenty flowers of three species, drawn anew in every run."""

    def make():
        names = [["iris", "rose", "tulip"][draws.integer(0, 2)] for _ in range(20)]
        names[:6] = ["tulip", "iris", "rose", "rose", "iris", "rose"]
        x = draws.normal(20, 2).numpy()
        return pd.DataFrame({"species": names, "length": 5 + x[:, 0], "width": 2 + x[:, 1] / 4})

    return draws.remember(make)
