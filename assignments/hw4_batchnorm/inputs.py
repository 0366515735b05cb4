"""Inputs for these functions, drawn from what the handout allows. A `draw` gives random sizes and values."""


def _x(draw, *, images=False):
    """(N, C) or (N, C, H, W), with more than one value per channel."""
    n, c = draw.size(), draw.size()
    if images or draw.flag():
        shape = n, c, draw.size(), draw.size()
    else:
        shape = n, c
    if shape[0] * (shape[2] * shape[3] if len(shape) > 2 else 1) == 1:
        shape = 2, *shape[1:]
    return draw.tensor(*shape, dtype=draw.dtype())


def batch_mean(draw):
    return draw.call(_x(draw))


def batch_variance(draw):
    x = _x(draw)
    return draw.call(x, draw.tensor(x.shape[1], dtype=x.dtype))


def batch_variance_around_the_mean(draw):
    x = _x(draw)
    mean = x.transpose(0, 1).flatten(1).mean(1)
    return draw.ask("batch_variance", x, mean)


def normalize(draw):
    x = _x(draw)
    mean, var = draw.tensor(x.shape[1], dtype=x.dtype), draw.positive(x.shape[1], dtype=x.dtype)
    return draw.call(x, mean, var, draw.one_of(1e-5, 1e-3, 0.1)) if draw.flag() else draw.call(x, mean, var)


def scale_and_shift(draw):
    x = _x(draw)
    return draw.call(x, draw.tensor(x.shape[1], dtype=x.dtype), draw.tensor(x.shape[1], dtype=x.dtype))


def update_running(draw):
    c = draw.size()
    mean, running = draw.tensor(c), draw.tensor(c)
    var, running_var = draw.positive(c), draw.positive(c)
    options = {"momentum": draw.number(0, 1)} if draw.flag() else {}
    return draw.call(running, running_var, mean, var, draw.whole(2, 9), **options)


def batchnorm_forward(draw):
    x = _x(draw)
    c, dtype = x.shape[1], x.dtype
    given = [draw.tensor(c, dtype=dtype), draw.tensor(c, dtype=dtype), draw.tensor(c, dtype=dtype)]
    options = {"momentum": draw.number(0, 1)} if draw.flag() else {}
    options |= {"eps": draw.one_of(1e-5, 1e-3)} if draw.flag() else {}
    return draw.call(x, *given, draw.positive(c, dtype=dtype), draw.flag(0.7), **options)


def batchnorm_backward(draw):
    x_hat = _x(draw)
    c, dtype = x_hat.shape[1], x_hat.dtype
    options = {"eps": draw.one_of(1e-5, 1e-3)} if draw.flag() else {}
    dout = draw.tensor(*x_hat.shape, dtype=dtype)
    return draw.call(dout, x_hat, draw.positive(c, dtype=dtype), draw.tensor(c, dtype=dtype), **options)


def batchnorm_backward_of_normalised(draw):
    """An x_hat that is normalised, as that of the forward pass is."""
    x = _x(draw)
    rows = x.double().transpose(0, 1).flatten(1)
    var = rows.var(1, correction=0)
    axes = [-1] + [1] * (x.dim() - 2)
    x_hat = (x - rows.mean(1).reshape(axes)) / (var + 1e-5).sqrt().reshape(axes)
    dout, gamma = draw.tensor(*x.shape, dtype=x.dtype), draw.tensor(x.shape[1], dtype=x.dtype)
    return draw.ask("batchnorm_backward", dout, x_hat.to(x.dtype), var.to(x.dtype), gamma)


def one_value_per_channel(draw):
    """Training refuses it, evaluation does not."""
    x = draw.tensor(1, draw.size(), 1, 1)
    c = x.shape[1]
    given = draw.tensor(c), draw.tensor(c), draw.tensor(c), draw.positive(c)
    return draw.ask("batchnorm_forward", x, *given, draw.flag())


def module_answers(draw):
    """What the module gives for two batches in training and one in evaluation, and its state."""
    n, c, h, w = draw.size(2, 3), draw.size(), draw.size(), draw.size()
    options = draw.one_of({}, {"eps": 1.0}, {"momentum": 0.5}, {"eps": 1.0, "momentum": 0.25})
    return draw.ask("probes.answers", [draw.tensor(n, c, h, w) for _ in range(3)], options)


def other_shapes(draw, hw):
    """The module takes images only."""
    x = draw.tensor(*([2] * draw.whole(2, 5)))
    return hw.BatchNorm2d(2).double()(x)


def module(draw, hw):
    """Two steps of training, then evaluation, with gradients and the state."""
    x = _x(draw, images=True)
    made = (
        hw.BatchNorm2d(x.shape[1]) if draw.flag() else hw.BatchNorm2d(x.shape[1], eps=0.01, momentum=draw.number(0, 1))
    )
    made = made.to(x.dtype)
    seen = []
    for images in (x, draw.tensor(*x.shape, dtype=x.dtype)):
        images = images.requires_grad_()
        y = made(images)
        (y * draw.tensor(*x.shape, dtype=x.dtype)).sum().backward()
        seen += [y, images.grad]
    made.eval()
    seen += [made(x.detach()), dict(made.state_dict()), made.weight.grad, made.bias.grad]
    return seen
