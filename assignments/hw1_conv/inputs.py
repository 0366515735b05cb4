"""Inputs for these functions, drawn from what the handout allows. A `draw` gives random sizes and values."""


def _options(draw, **values):
    """Some of these as keywords; the others keep their defaults."""
    return {name: value for name, value in values.items() if draw.flag(0.7)}


def output_size(draw):
    if draw.flag(0.3):
        return draw.call(draw.whole(-1, 3), draw.whole(-1, 3), draw.whole(-1, 2), draw.whole(-2, 2))
    k, pad = draw.size(1, 9), draw.size(0, 3)
    n = max(1, k - 2 * pad + draw.whole(-2, 12))
    options = _options(draw, stride=draw.size(1, 5), pad=pad)
    return draw.call(n, k, *options.values()) if list(options) == ["stride", "pad"] else draw.call(n, k, **options)


def count_weights(draw):
    n_in, n_out = draw.size(1, 9), draw.size(1, 5)
    if draw.flag(0.3):
        return draw.call(n_in, n_out, **_options(draw, shared=draw.flag()))
    return draw.call(
        n_in, n_out, draw.one_of(-1, 0, 1, n_in, n_in + 1, draw.whole(1, 9)), **_options(draw, shared=True)
    )


def _layer(draw):
    """The arguments that `conv_output_shape` and `count_multiplications` share."""
    if draw.flag(0.2):
        return (draw.size(), draw.whole(0, 5), draw.whole(0, 5)), draw.size(), draw.whole(0, 3), draw.whole(0, 2)
    k, pad = draw.size(1, 5), draw.size(0, 2)
    h, w = (max(1, k - 2 * pad + draw.whole(-1, 9)) for _ in "hw")
    return (draw.size(), h, w), draw.size(), k, draw.size(1, 3), pad


def conv_output_shape(draw):
    given = _layer(draw)
    return draw.call(*given) if draw.flag(0.7) else draw.call(*given[:3], **_options(draw, stride=2, pad=1))


def count_multiplications(draw):
    given = _layer(draw)
    return draw.call(*given) if draw.flag(0.7) else draw.call(*given[:3], **_options(draw, stride=2, pad=1))


def corr1d(draw):
    n, k, dtype = draw.size(1, 7), draw.size(1, 5), draw.dtype()
    options = _options(draw, stride=draw.one_of(1, 2, 3, 4, 0, -1))
    return draw.call(draw.tensor(n, dtype=dtype), draw.tensor(k, dtype=dtype), **options)


def _convolution(draw):
    """x, w, b, stride and padding that fit together."""
    dtype, stride, pad = draw.dtype(), draw.size(1, 3), draw.size(0, 2)
    kh, kw = draw.size(1, 3), draw.size(1, 3)
    h, w = (max(1, k - 2 * pad + draw.whole(0, 4)) for k in (kh, kw))
    n, c, m = draw.size(1, 3), draw.size(1, 3), draw.size(1, 3)
    tensors = draw.tensor(n, c, h, w, dtype=dtype), draw.tensor(m, c, kh, kw, dtype=dtype), draw.tensor(m, dtype=dtype)
    return *tensors, stride, pad


def _given(stride, pad):
    """These as keywords, as far as they are not the defaults."""
    return {name: value for name, value, usual in (("stride", stride, 1), ("pad", pad, 0)) if value != usual}


def conv2d_forward(draw):
    x, w, b, stride, pad = _convolution(draw)
    return draw.call(x, w, b, stride, pad) if draw.flag() else draw.call(x, w, b, **_given(stride, pad))


def conv2d_forward_refusals(draw):
    """Kernels that are one too large along one axis, and filters for one channel too many or too few."""
    x, w, b, stride, pad = _convolution(draw)
    m, c, kh, kw = w.shape
    h, v = (n + 2 * pad for n in x.shape[2:])
    channels = draw.one_of(c + 1, max(1, c - 1))
    shape = draw.one_of((m, c, h + 1, kw), (m, c, kh, v + 1), (m, channels, kh, kw), (m, c, h, v))
    return draw.ask("conv2d_forward", x, draw.tensor(*shape, dtype=x.dtype), b, stride, pad)


def conv2d_backward(draw):
    x, w, b, stride, pad = _convolution(draw)
    h, v = ((n + 2 * pad - k) // stride + 1 for n, k in zip(x.shape[2:], w.shape[2:], strict=True))
    dout = draw.tensor(len(x), len(w), h, v, dtype=x.dtype)
    return draw.call(dout, x, w, b, stride, pad) if draw.flag() else draw.call(dout, x, w, b, **_given(stride, pad))


def relu_forward(draw):
    return draw.call(draw.tensor(*(draw.size() for _ in range(draw.whole(0, 4))), dtype=draw.dtype()))


def relu_backward(draw):
    shape, dtype = [draw.size() for _ in range(draw.whole(0, 4))], draw.dtype()
    return draw.call(draw.tensor(*shape, dtype=dtype), draw.tensor(*shape, dtype=dtype))


def maxpool2d_forward(draw):
    k = draw.size(1, 3)
    h, w = (max(1, k + draw.whole(-1, 4)) for _ in "hw")
    return draw.call(draw.tensor(draw.size(), draw.size(), h, w, dtype=draw.dtype()), k, draw.size(1, 4))


def maxpool2d_backward(draw):
    k, stride, dtype = draw.size(1, 3), draw.size(1, 4), draw.dtype()
    h, w = (k + draw.whole(0, 4) for _ in "hw")
    n, c = draw.size(1, 3), draw.size(1, 3)
    dout = draw.tensor(n, c, (h - k) // stride + 1, (w - k) // stride + 1, dtype=dtype)
    return draw.call(dout, draw.tensor(n, c, h, w, dtype=dtype), k, stride)


def linear_forward(draw):
    n, d, m, dtype = draw.size(), draw.size(), draw.size(), draw.dtype()
    return draw.call(draw.tensor(n, d, dtype=dtype), draw.tensor(m, d, dtype=dtype), draw.tensor(m, dtype=dtype))


def linear_backward(draw):
    n, d, m, dtype = draw.size(), draw.size(), draw.size(), draw.dtype()
    x, w, b = draw.tensor(n, d, dtype=dtype), draw.tensor(m, d, dtype=dtype), draw.tensor(m, dtype=dtype)
    return draw.call(draw.tensor(n, m, dtype=dtype), x, w, b)


def _parameters(draw, c, dtype):
    first, second, *units = (draw.size(1, 3) for _ in range(5))
    sizes = {"conv1": (first, c, 5, 5), "conv2": (second, first, 5, 5), "fc1": (units[0], 25 * second)}
    sizes |= {"fc2": (units[1], units[0]), "fc3": (units[2], units[1])}
    return {
        f"{name}.{kind}": draw.tensor(*(size if kind == "weight" else size[:1]), dtype=dtype)
        for name, size in sizes.items()
        for kind in ("weight", "bias")
    }


def lenet_once(draw):
    c, dtype = draw.size(1, 2), draw.dtype()
    return draw.ask("lenet", draw.tensor(1, c, 32, 32, dtype=dtype), _parameters(draw, c, dtype))


def lenet(draw, hw):
    """Other parameters for the same images, and other images for the same parameters; nothing is written into them."""
    n, dtype = draw.size(1, 2), draw.dtype()
    c, first, second, *units = (draw.size(1, 3) for _ in range(6))
    sizes = {"conv1": (first, c, 5, 5), "conv2": (second, first, 5, 5), "fc1": (units[0], 25 * second)}
    sizes |= {"fc2": (units[1], units[0]), "fc3": (units[2], units[1])}
    images = [draw.tensor(n, c, 32, 32, dtype=dtype) for _ in range(2)]
    params = [
        {
            f"{name}.{kind}": draw.tensor(*(size if kind == "weight" else size[:1]), dtype=dtype)
            for name, size in sizes.items()
            for kind in ("weight", "bias")
        }
        for _ in range(2)
    ]
    seen = [hw.lenet(images[0], params[0]), hw.lenet(images[0], params[1]), hw.lenet(images[1], params[1])]
    return seen, images, params
