"""Your neurons are those of the linear layers only. Each output of a convolution is a neuron too."""

PARTS = ("counting",)


def neurons(stack: list[Layer], shape: Shape) -> int:
    made = shapes(stack, shape)
    return sum(math.prod(one) for layer, one in zip(stack, made, strict=True) if layer["kind"] == "fc")
