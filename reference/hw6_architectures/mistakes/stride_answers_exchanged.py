"""Your answers are exchanged: you take the count that lies farther from what the paper says."""

PARTS = ("which_stride",)


def which_stride(layers: list[int], groups: int, width: int, gflops: float) -> str:
    return max(
        ("1x1", "3x3"),
        key=lambda place: abs(bottleneck_multiplications(layers, groups, width, place) / 1e9 - gflops),
    )
