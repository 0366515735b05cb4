"""Your variance matches E[x²] − μ², which is right on paper. Where μ is large, both are nearly equal and the digits
that matter are lost: subtract the mean first, then square."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return x.square().mean(_axes(x)) - mean.square()
