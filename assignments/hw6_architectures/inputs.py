"""Inputs for these functions and networks, drawn from what the handout allows: a `draw` gives sizes and values."""

import torch
from torch import nn

NAMES = (
    *("vgg11", "vgg13", "vgg16", "vgg19"),
    *("densenet121", "densenet161", "densenet169", "densenet201"),
    *("resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d", "se_resnet50", "se_resnext50"),
)


def _layer(draw, channels):
    kind = draw.one_of("conv", "conv", "pool", "norm", "relu")
    layer = {"kind": kind}
    if kind in ("conv", "pool"):
        layer["kernel"] = draw.size(1, 4)
        layer |= {"stride": draw.whole(1, 3)} if draw.flag() else {}
        layer |= {"pad": draw.whole(0, 2)} if draw.flag() else {}
    if kind == "conv":
        groups = draw.one_of(1, 1, 2, 3)
        layer["filters"] = groups * draw.size(1, 4) + (draw.whole(0, 1) if draw.flag(0.2) else 0)
        layer |= {"groups": groups} if groups > 1 or draw.flag(0.3) else {}
        layer |= {"bias": draw.flag()} if draw.flag(0.4) else {}
        return layer, layer["filters"]
    return layer, channels


def _stack(draw):
    channels = draw.one_of(1, 2, 3, 6)
    shape = (channels, draw.size(3, 12), draw.size(3, 12))
    stack = []
    for _ in range(draw.whole(1, 4)):
        layer, channels = _layer(draw, channels)
        stack.append(layer)
    if draw.flag():
        stack.append({"kind": "mean"})
    ends = range(draw.whole(0, 2))
    stack += [{"kind": "fc", "neurons": draw.size(1, 7)} | ({"bias": False} if draw.flag(0.3) else {}) for _ in ends]
    return draw.call(stack, shape)


def shapes(draw):
    return _stack(draw)


def parameters(draw):
    return _stack(draw)


def multiplications(draw):
    return _stack(draw)


def neurons(draw):
    return _stack(draw)


def bottleneck_multiplications(draw):
    layers = [draw.size(1, 3) for _ in range(4)]
    size = {"size": draw.whole(33, 80)} if draw.flag() else {}
    return draw.call(layers, draw.one_of(1, 2, 4), draw.one_of(4, 8, 64), draw.one_of("1x1", "3x3"), **size)


def which_stride(draw):
    groups, width = draw.one_of((1, 64), (32, 4))
    return draw.call([3, 4, draw.one_of(6, 23), 3], groups, width, draw.number(3.0, 9.0))


def _filled(draw, model):
    """The same network with numbers of both signs in every entry of its state."""
    with torch.no_grad():
        for name, entry in model.state_dict().items():
            if entry.is_floating_point():
                value = torch.randn(entry.shape, generator=draw.generator) * (2 / max(1, entry[0].numel())) ** 0.5
                entry.copy_(value.abs() + 0.5 if name.endswith("running_var") else value)
    return model


def _seen(draw, model, x):
    """What a network answers in training and in evaluation, its gradients, and its state before and after."""
    seen = [{name: list(entry.shape) for name, entry in model.state_dict().items()}]
    _filled(draw, model)
    for training in (True, False):
        model.train(training)
        images = x.clone().requires_grad_()
        torch.manual_seed(0)
        answers = model(images)
        answers = answers if isinstance(answers, tuple) else (answers,)
        sum(one.square().sum() for one in answers).backward()
        gradients = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
        seen += [list(answers), images.grad, gradients]
        model.zero_grad()
    return [*seen, {name: entry.clone() for name, entry in model.state_dict().items()}]


def _images(draw, channels, side):
    return torch.randn(draw.size(2, 3), channels, side, side, generator=draw.generator)


def inception(draw, hw):
    sizes = [draw.size(1, 4) for _ in range(7)]
    return _seen(draw, hw.Inception(*sizes), _images(draw, sizes[0], draw.size(2, 6)))


def dense_layer(draw, hw):
    c = draw.size(1, 5)
    more = (draw.whole(1, 4),) if draw.flag() else ()
    return _seen(draw, hw.DenseLayer(c, draw.size(1, 4), *more), _images(draw, c, draw.size(2, 5)))


def transition(draw, hw):
    c = draw.size(1, 6)
    return _seen(draw, hw.Transition(c, draw.size(1, 4)), _images(draw, c, draw.size(2, 7)))


def bottleneck(draw, hw):
    groups, c = draw.one_of(1, 2, 3), draw.size(1, 4)
    options = {"groups": groups, "width": draw.one_of(16, 32, 64)}
    c_in, stride = (4 * c if draw.flag() else draw.size(1, 8)), draw.whole(1, 3)
    c = 4 * c if c_in == 4 * c and draw.flag() else c
    made = hw.Bottleneck(c_in, 16 * c if draw.flag(0.2) else 4 * c, stride, **options)
    return _seen(draw, made, _images(draw, c_in, draw.size(2, 6)))


def squeeze_and_excitation(draw, hw):
    channels = draw.one_of(4, 8, 16)
    more = {"reduction": draw.one_of(1, 2, 4)} if channels < 16 or draw.flag() else {}
    block = nn.Conv2d(2, channels, 1)
    return _seen(draw, hw.SqueezeExcitation(block, channels, **more), _images(draw, 2, draw.size(2, 4)))


def vgg(draw, hw):
    config = [draw.size(1, 4), "M", draw.size(1, 4), draw.size(1, 4), "M"]
    made = hw.VGG(config, draw.size(1, 5), draw.size(1, 6), draw.one_of(0.0, 0.3))
    return _seen(draw, made, _images(draw, 3, draw.one_of(32, 36)))


def densenet(draw, hw):
    more = {"compression": draw.one_of(0.5, 0.75, 1.0)} if draw.flag() else {}
    made = hw.DenseNet(draw.size(1, 3), [draw.size(1, 2) for _ in range(4)], draw.one_of(4, 6), draw.size(1, 4), **more)
    return _seen(draw, made, _images(draw, 3, draw.one_of(32, 40)))


def resnext(draw, hw):
    groups = draw.one_of(1, 2)
    made = hw.ResNeXt([draw.size(1, 2) for _ in range(4)], groups, draw.one_of(16, 32), draw.size(1, 4), c=8)
    return _seen(draw, made, _images(draw, 3, draw.one_of(32, 40)))


def recalibrated(draw, hw):
    made = hw.senet([draw.size(1, 2) for _ in range(4)], draw.one_of(1, 2), 32, draw.size(1, 4), c=8, reduction=4)
    return _seen(draw, made, _images(draw, 3, 32))


def alexnet(draw, hw):
    """Its state: the image is 227×227, and its numbers take long."""
    without = [number for number in (3, 4, 6, 7) if draw.flag(0.3)]
    made = hw.AlexNet(draw.size(1, 5), draw.one_of(1, 2), without, draw.one_of(8, 16), draw.one_of(0.0, 0.5))
    if draw.flag(0.02):
        return _seen(draw, made, _images(draw, 3, 227)[:1])
    return {name: list(entry.shape) for name, entry in made.state_dict().items()}


def googlenet(draw, hw):
    """As `alexnet`."""
    made = hw.GoogLeNet(draw.size(1, 5), 16, draw.one_of(0.0, 0.4), draw.one_of(0.0, 0.7))
    if draw.flag(0.02):
        return _seen(draw, made, _images(draw, 3, 224)[:1])
    return {name: list(entry.shape) for name, entry in made.state_dict().items()}


def defaults(draw, hw):
    """The shapes of a published network; without memory for their numbers."""
    name, options = draw.one_of(*NAMES), {"num_classes": draw.size(1, 9)} if draw.flag() else {}
    with torch.device("meta"):
        made = getattr(hw, name)(**options)
    return {name: list(entry.shape) for name, entry in made.state_dict().items()}


def _answer(draw, name, c_in, *options):
    """A block, on two small images: for a report's smallest example."""
    x = draw.tensor(2, c_in, draw.whole(2, 4), draw.whole(2, 4))
    return draw.ask("probes.answer", x, draw.flag(), name, *options)


def inception_answer(draw):
    c = draw.size(1, 3)
    return _answer(draw, "Inception", c, c, *(draw.size(1, 2) for _ in range(6)))


def dense_layer_answer(draw):
    c = draw.size(1, 3)
    return _answer(draw, "DenseLayer", c, c, draw.size(1, 2), draw.size(1, 3))


def transition_answer(draw):
    c = draw.size(1, 3)
    return _answer(draw, "Transition", c, c, draw.size(1, 3))


def bottleneck_answer(draw):
    c, groups = 4 * draw.size(1, 2), draw.one_of(1, 2)
    return _answer(draw, "Bottleneck", c, c, 1, draw.whole(1, 2), groups, 64)
