"""Your check divides the error by |a| + |n|, as some courses do, which allows up to twice as much. Here the larger of
the two counts."""

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False
    size = analytic.abs() + numeric.abs()
    return bool(((analytic - numeric).abs() <= tolerance * size).all())
