"""Your shapes accept a kernel that does not fit into the image, and give sizes that cannot be: ValueError."""

PARTS = ("counting",)


def _side(n: int, layer: Layer, stride: int) -> int:
    room = n + 2 * layer.get("pad", 0) - layer["kernel"]
    return room // stride + 1
