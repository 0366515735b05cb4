"""Your sizes count the padding once. It is on both sides of the image: n + 2 · pad."""

PARTS = ("counting",)


def _side(n: int, layer: Layer, stride: int) -> int:
    room = n + layer.get("pad", 0) - layer["kernel"]
    if room < 0:
        raise ValueError(f"a kernel of {layer['kernel']} does not fit into {n} pixels and their padding")
    return room // stride + 1
