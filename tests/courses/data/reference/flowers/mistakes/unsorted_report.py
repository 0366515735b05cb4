"""Your report is sorted by the counts: sort it by the species."""

PARTS = ("nearest",)


def report(table):
    for name, count in sorted(table["species"].value_counts().items(), key=lambda pair: pair[1]):
        print(name, count)
