"""Your check allows the same error to tiny and to huge gradients. Compare it with the size of the two elements."""

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False
    return bool(((analytic - numeric).abs() <= tolerance).all())
