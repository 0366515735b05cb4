"""Inputs for these functions, drawn from what the handout allows. A `draw` gives random sizes and values."""


def _stack(draw):
    """Some layers, and the shape of the image that the first is given."""
    shape = draw.size(1, 4), draw.size(3, 12), draw.size(3, 12)
    stack = []
    for _ in range(draw.size(1, 3)):
        kind = draw.one_of("conv", "conv", "pool", "norm", "relu")
        layer = {"kind": kind}
        if kind == "conv":
            groups = draw.one_of(1, 1, 2)
            layer |= {"filters": groups * draw.size(1, 3), "kernel": draw.size(1, 4)}
            layer |= {"groups": groups} if groups > 1 else {}
            layer |= {"bias": False} if draw.flag(0.3) else {}
        if kind == "pool":
            layer |= {"kernel": draw.size(1, 3)}
        if kind in ("conv", "pool"):
            layer |= {"stride": draw.size(1, 3)} if draw.flag() else {}
            layer |= {"pad": draw.size(0, 2)} if draw.flag() else {}
        stack.append(layer)
    if draw.flag(0.3):
        stack += [{"kind": "mean"}] if draw.flag() else []
        stack.append({"kind": "fc", "neurons": draw.size(1, 5)} | ({"bias": False} if draw.flag(0.3) else {}))
    return stack, shape


def shapes(draw):
    return draw.call(*_stack(draw))


def parameters(draw):
    return draw.call(*_stack(draw))


def multiplications(draw):
    return draw.call(*_stack(draw))


def neurons(draw):
    return draw.call(*_stack(draw))


def bottleneck_multiplications(draw):
    layers = [draw.size(1, 2) for _ in range(4)]
    return draw.call(layers, draw.one_of(1, 2), draw.one_of(64, 32), draw.one_of("1x1", "3x3"), draw.one_of(32, 64))


def _answer(draw, name, c_in, *options):
    x = draw.tensor(2, c_in, draw.whole(2, 4), draw.whole(2, 4))
    return draw.ask("probes.answer", x, draw.flag(), name, *options)


def inception(draw):
    c = draw.size(1, 3)
    return _answer(draw, "Inception", c, c, *(draw.size(1, 2) for _ in range(6)))


def dense_layer(draw):
    c = draw.size(1, 3)
    return _answer(draw, "DenseLayer", c, c, draw.size(1, 2), draw.size(1, 3))


def transition(draw):
    c = draw.size(1, 3)
    return _answer(draw, "Transition", c, c, draw.size(1, 3))


def bottleneck(draw):
    c, groups = 4 * draw.size(1, 2), draw.one_of(1, 2)
    return _answer(draw, "Bottleneck", c, c, 1, draw.whole(1, 2), groups, 64)
