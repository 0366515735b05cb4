"""Your species are a list: a set is asked for."""

PARTS = ("load",)


def species(table):
    return sorted(set(table["species"]))
