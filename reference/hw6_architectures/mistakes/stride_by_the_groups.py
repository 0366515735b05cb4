"""You answer by the groups: "3x3" where there are several. That holds for the lecture's table, and for no network as
such. Count."""

PARTS = ("which_stride",)


def which_stride(layers: list[int], groups: int, width: int, gflops: float) -> str:
    return "3x3" if groups > 1 else "1x1"
