"""Your counts ignore groups. In a convolution of g groups each filter sees one g-th of the channels."""

PARTS = ("counting",)


def _weights(layer: Layer, shape: Shape) -> int:
    if layer["kind"] == "conv":
        return layer["filters"] * (shape[0]) * layer["kernel"] ** 2
    if layer["kind"] == "fc":
        return layer["neurons"] * math.prod(shape)
    return 0
