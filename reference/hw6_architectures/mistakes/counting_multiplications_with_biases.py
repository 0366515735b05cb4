"""Your multiplications count the biases, which are added."""

PARTS = ("counting",)


def multiplications(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, made in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        counts.append(
            (_weights(layer, given) + (layer.get("bias", True) and made[0] if layer["kind"] in ("conv", "fc") else 0))
            * math.prod(made[1:])
        )
    return counts
