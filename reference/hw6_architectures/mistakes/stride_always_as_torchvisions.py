"""You answer "3x3" always, where torchvision has the stride. Count."""

PARTS = ("which_stride",)


def which_stride(layers: list[int], groups: int, width: int, gflops: float) -> str:
    return "3x3"
