"""Your standard deviation divides by n − 1: that is the sample's. This course divides by n."""

PARTS = ("describe",)


def describe(x):
    return {
        "mean": float(np.mean(x)),
        "sd": float(np.std(x, ddof=1)),
        "extent": Extent(float(np.min(x)), float(np.max(x))),
    }


def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
