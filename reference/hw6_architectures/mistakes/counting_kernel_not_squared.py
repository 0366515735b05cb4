"""Your counts take the kernel's side once. A filter k×k has k² weights per channel."""

PARTS = ("counting",)


def _weights(layer: Layer, shape: Shape) -> int:
    if layer["kind"] == "conv":
        return layer["filters"] * (shape[0] // layer.get("groups", 1)) * layer["kernel"]
    if layer["kind"] == "fc":
        return layer["neurons"] * math.prod(shape)
    return 0
