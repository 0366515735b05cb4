"""Your linear layers see one number per channel. Without a mean before it, a linear layer is connected to every pixel
of every channel."""

PARTS = ("counting",)


def _weights(layer: Layer, shape: Shape) -> int:
    if layer["kind"] == "conv":
        return layer["filters"] * (shape[0] // layer.get("groups", 1)) * layer["kernel"] ** 2
    if layer["kind"] == "fc":
        return layer["neurons"] * shape[0]
    return 0
