"""Your neurons count the input's numbers, too."""

PARTS = ("counting",)


def neurons(stack: list[Layer], shape: Shape) -> int:
    made = shapes(stack, shape)
    return math.prod(shape) + sum(
        math.prod(one) for layer, one in zip(stack, made, strict=True) if layer["kind"] in ("conv", "fc")
    )
