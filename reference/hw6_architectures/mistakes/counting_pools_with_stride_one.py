"""Your poolings move by one pixel where no stride is given. A pooling's stride is its kernel by default, a
convolution's is 1."""

PARTS = ("counting",)


def _output(layer: Layer, shape: Shape) -> Shape:
    kind = layer["kind"]
    if kind == "conv":
        groups = layer.get("groups", 1)
        if shape[0] % groups or layer["filters"] % groups:
            raise ValueError(f"{shape[0]} channels and {layer['filters']} filters are not {groups} equal groups")
        return (layer["filters"], *(_side(n, layer, layer.get("stride", 1)) for n in shape[1:]))
    if kind == "pool":
        return (shape[0], *(_side(n, layer, layer.get("stride", 1)) for n in shape[1:]))
    if kind == "mean":
        return shape[:1]
    if kind == "fc":
        return (layer["neurons"],)
    return shape
