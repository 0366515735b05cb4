"""Your multiplications are those of a filter at each pixel of the input. A filter is where the output has a pixel."""

PARTS = ("counting",)


def multiplications(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, _ in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        counts.append(_weights(layer, given) * math.prod(given[1:] if layer["kind"] == "conv" else ()))
    return counts
