"""Your table still has the rows that lack a number: drop them before you number the rows."""

PARTS = ("load",)


def load():
    return pd.read_csv("flowers.csv")
