import pandas as pd
import pytest


@pytest.fixture
def table(draws):
    """Twenty flowers of three species, whose sizes are drawn anew in every run."""

    def make():
        names = 5 * ["tulip"] + 8 * ["iris"] + 7 * ["rose"]
        x = draws.normal(20, 2).numpy()
        return pd.DataFrame({"species": names, "length": 5 + x[:, 0], "width": 2 + x[:, 1] / 4})

    return draws.remember(make)
