"""Your sizes are one too small: (n + 2 · pad − kernel) / stride counts the steps of the window, and there is one
position more."""

PARTS = ("counting",)


def _side(n: int, layer: Layer, stride: int) -> int:
    room = n + 2 * layer.get("pad", 0) - layer["kernel"]
    if room < 0:
        raise ValueError(f"a kernel of {layer['kernel']} does not fit into {n} pixels and their padding")
    return room // stride
