"""Your distance is the squared one: take its root."""

PARTS = ("nearest",)


def nearest(table, length, width):
    distances = (table["length"] - length) ** 2 + (table["width"] - width) ** 2
    row = int(np.argmin(distances))
    return Match(table["species"].iloc[row], float(distances.iloc[row]))
