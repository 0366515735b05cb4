"""Your means are of all flowers together: group them by species first."""

PARTS = ("load",)


def means(table):
    return pd.DataFrame({"length": [table["length"].mean()], "width": [table["width"].mean()]}, index=["all"])
