"""Your counts divide by the groups twice. Each filter sees one g-th of the channels, but there are as many filters as
before."""

PARTS = ("counting",)


def _weights(layer: Layer, shape: Shape) -> int:
    if layer["kind"] == "conv":
        return layer["filters"] // layer.get("groups", 1) * (shape[0] // layer.get("groups", 1)) * layer["kernel"] ** 2
    if layer["kind"] == "fc":
        return layer["neurons"] * math.prod(shape)
    return 0
