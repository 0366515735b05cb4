"""Your normalisations learn one number per channel. They learn two, a factor and a shift."""

PARTS = ("counting",)


def parameters(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, made in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        has_bias = layer["kind"] in ("conv", "fc") and layer.get("bias", True)
        count = given[0] if layer["kind"] == "norm" else _weights(layer, given)
        counts.append(count + has_bias * made[0])
    return counts
