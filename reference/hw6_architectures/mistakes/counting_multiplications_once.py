"""Your multiplications are the number of weights. A convolution uses each of its weights at every pixel of its
output."""

PARTS = ("counting",)


def multiplications(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, _ in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        counts.append(_weights(layer, given))
    return counts
