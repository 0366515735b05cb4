"""Your sizes are rounded up where the stride leaves pixels over. A window that does not fit in as a whole is left
out."""

PARTS = ("counting",)


def _side(n: int, layer: Layer, stride: int) -> int:
    room = n + 2 * layer.get("pad", 0) - layer["kernel"]
    if room < 0:
        raise ValueError(f"a kernel of {layer['kernel']} does not fit into {n} pixels and their padding")
    return -(-room // stride) + 1
