"""Inputs for these networks, drawn from what the handout allows. A `draw` gives random sizes and values."""

import torch


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
        y = model(images)
        y.square().sum().backward()
        seen += [y, images.grad, {name: one.grad.clone() for name, one in model.named_parameters()}]
        model.zero_grad()
    return [*seen, {name: entry.clone() for name, entry in model.state_dict().items()}]


def _block(draw, block):
    c, stride = draw.size(1, 5), draw.whole(1, 3)
    c_in = c * block.expansion if draw.flag() else draw.size(1, 8)
    x = torch.randn(draw.size(2, 3), c_in, draw.size(2, 7), draw.size(2, 7), generator=draw.generator)
    return _seen(draw, block(c_in, c, stride) if stride > 1 or draw.flag() else block(c_in, c), x)


def basic_block(draw, hw):
    return _block(draw, hw.BasicBlock)


def bottleneck(draw, hw):
    return _block(draw, hw.Bottleneck)


def small_network(draw, hw):
    x = torch.randn(draw.size(2, 3), draw.size(1, 3), draw.whole(5, 9), draw.whole(5, 9), generator=draw.generator)
    return _seen(draw, hw.resnet20(x.shape[1], draw.size(1, 6)), x)


def defaults(draw, hw):
    """The shapes of all networks; without memory for their numbers."""
    name = draw.one_of("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet20")
    options = {"num_classes": draw.size(1, 9)} if draw.flag() else {}
    with torch.device("meta"):
        made = getattr(hw, name)(**options)
    return {name: list(entry.shape) for name, entry in made.state_dict().items()}


def network(draw, hw):
    """A network of few blocks, in evaluation."""
    block = draw.one_of(hw.BasicBlock, hw.BasicBlock, hw.Bottleneck)
    made = _filled(draw, hw.ResNet(block, [draw.size(1, 2) for _ in range(4)], draw.size(1, 5)))
    x = torch.randn(draw.size(1, 2), 3, draw.whole(33, 40), draw.whole(33, 40), generator=draw.generator)
    made.eval()
    return made(x)


def _answer(draw, name, *, expansion):
    """One block, on two small images."""
    c, stride = draw.size(1, 3), draw.whole(1, 2)
    c_in = c * expansion if draw.flag() else draw.size(1, 4)
    x = draw.tensor(2, c_in, draw.size(1, 4), draw.size(1, 4))
    return draw.ask("probes.answer", x, draw.flag(), name, c_in, c, stride)


def basic_block_answer(draw):
    return _answer(draw, "BasicBlock", expansion=1)


def bottleneck_answer(draw):
    return _answer(draw, "Bottleneck", expansion=4)


def small_network_answer(draw):
    c = draw.size(1, 3)
    return draw.ask("probes.answer", draw.tensor(2, c, 4, 4), False, "resnet20", c, draw.size(1, 4))
