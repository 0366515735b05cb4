"""Your check compares the length of the whole error with that of the whole gradient, so that a small element can be as
wrong as it likes. Compare element by element."""

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    error = (analytic - numeric).norm()
    return bool(error <= tolerance * (analytic.norm() + numeric.norm()))
