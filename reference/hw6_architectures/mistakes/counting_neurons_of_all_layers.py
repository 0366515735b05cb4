"""Your neurons are the outputs of all layers. Poolings and normalisations have no neurons: count layers with
weights."""

PARTS = ("counting",)


def neurons(stack: list[Layer], shape: Shape) -> int:
    made = shapes(stack, shape)
    return sum(math.prod(one) for layer, one in zip(stack, made, strict=True))
