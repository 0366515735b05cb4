"""Your parameters count a bias for each output. All outputs of a filter share one."""

PARTS = ("counting",)


def parameters(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, made in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        has_bias = layer["kind"] in ("conv", "fc") and layer.get("bias", True)
        count = 2 * given[0] if layer["kind"] == "norm" else _weights(layer, given)
        counts.append(count + has_bias * math.prod(made))
    return counts
