"""Your poolings lose the channels. A pooling looks at each map by itself, so that there are as many after it."""

PARTS = ("counting",)


def _output(layer: Layer, shape: Shape) -> Shape:
    kind = layer["kind"]
    if kind == "conv":
        groups = layer.get("groups", 1)
        if shape[0] % groups or layer["filters"] % groups:
            raise ValueError(f"{shape[0]} channels and {layer['filters']} filters are not {groups} equal groups")
        return (layer["filters"], *(_side(n, layer, layer.get("stride", 1)) for n in shape[1:]))
    if kind == "pool":
        return (1, *(_side(n, layer, layer.get("stride", layer["kernel"])) for n in shape[1:]))
    if kind == "mean":
        return shape[:1]
    if kind == "fc":
        return (layer["neurons"],)
    return shape
