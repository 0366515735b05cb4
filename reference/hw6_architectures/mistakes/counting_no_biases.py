"""Your parameters have no biases. Each filter and each neuron has one, where the layer does not say otherwise."""

PARTS = ("counting",)


def parameters(stack: list[Layer], shape: Shape) -> list[int]:
    counts = []
    for layer, given, _ in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        count = 2 * given[0] if layer["kind"] == "norm" else _weights(layer, given)
        counts.append(count)
    return counts
