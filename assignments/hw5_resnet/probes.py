"""What grading does to your networks, beside your code. Each function is given your module first."""

import zlib

import torch

from grader.guest.stand_ins import standing_in

DRAWN = 65_521  # numbers drawn for a tensor; a prime, so that they come again in other places of a filter


def fill(_, model, seed):
    """Give every parameter and buffer values that depend on the seed and on its name."""
    for name, tensor in model.state_dict().items():
        draw = torch.Generator().manual_seed((seed * 65_537 + zlib.crc32(name.encode())) % 2**31)
        if not tensor.is_floating_point():
            continue
        few = torch.randn(min(tensor.numel(), DRAWN), generator=draw, dtype=torch.float64)
        value = few.repeat(-(-tensor.numel() // max(len(few), 1)))[: tensor.numel()].view(tensor.shape)
        if name.endswith("running_var"):
            value = value.abs() / 2 + 0.5
        elif tensor.dim() == 1 and name.endswith("weight"):  # of both signs: a maximum and a scaling do not commute
            value = (value.abs() / 2 + 0.5) * torch.where(value < -0.5, -1.0, 1.0)
        elif tensor.dim() > 1:
            value = value * (2 / tensor[0].numel()) ** 0.5
        else:
            value = value / 5
        with torch.no_grad():
            tensor.copy_(value)


def set_parameter(_, model, name, value):
    """Set one entry of the state to a number."""
    with torch.no_grad():
        model.state_dict()[name].fill_(value)


def outline(_, model):
    """Name → shape of every entry of the state."""
    return {name: list(tensor.shape) for name, tensor in model.state_dict().items()}


def built(module, name, *args):
    """What a function or class of yours makes of these arguments; names among them are those of your classes."""
    return getattr(module, name)(*(getattr(module, one) if isinstance(one, str) else one for one in args))


def outline_of(module, name, *args):
    """The outline of what is built so."""
    return outline(module, _made(built, module, name, *args))


class _StandIn(torch.nn.Module):
    """Stands in for a block: as many channels, the stride, and neither convolution nor shortcut.

    Neighbours count, so that it matters where the strides are, and a stride shows in the state.
    """

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.stride = stride
        self.mix = torch.nn.Parameter(torch.zeros(self.expansion * c, c_in, stride))

    def forward(self, x):
        x = (x + x.roll(1, 2) / 2 + x.roll(1, 3) / 3)[:, :, :: self.stride, :: self.stride]
        return torch.einsum("oc,nchw->nohw", self.mix.mean(2), x).tanh()

    bn1 = bn2 = bn3 = property(lambda _: torch.nn.BatchNorm2d(1))  # for who sets weights of a block's last one to 0


class _BasicStandIn(_StandIn):
    expansion = 1


class _BottleneckStandIn(_StandIn):
    expansion = 4


_BasicStandIn.__name__, _BottleneckStandIn.__name__ = "BasicBlock", "Bottleneck"

# a network is put together correctly whatever its blocks are
STAND_INS = {"BasicBlock": _BasicStandIn, "Bottleneck": _BottleneckStandIn}


def wired(module, name, *args):
    """What is built so, of blocks that stand in for yours."""
    with standing_in(module, STAND_INS):
        return built(module, name, *args)


def wired_outline_of(module, name, *args):
    """The outline of that."""
    with standing_in(module, STAND_INS):
        return outline_of(module, name, *args)


def _made(make, *args):
    """Without memory for its numbers, if that can be: not every way of drawing them works without."""
    try:
        with torch.device("meta"):
            return make(*args)
    except Exception:  # noqa: BLE001 - your way of drawing numbers may raise anything where there are none
        return make(*args)


def forward(_, model, x, training):
    """What it answers, in training or in evaluation, and its state's buffers afterwards."""
    model.train(training)
    with torch.no_grad():
        y = model(x)
    return y, {name: buffer.clone() for name, buffer in model.named_buffers() if buffer.is_floating_point()}


def shapes(_, model, x):
    """Name of a layer → the shape of what it gave, for the convolutions."""
    seen, hooks = {}, []
    for name, layer in model.named_modules():
        if isinstance(layer, torch.nn.Conv2d):
            hooks.append(layer.register_forward_hook(lambda _, __, y, name=name: seen.update({name: list(y.shape)})))
    model.eval()
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    return seen


def gradients(_, model, x, dout):
    """The gradients of (dout · y).sum() with respect to x and to every parameter, in training."""
    model.train()
    x = x.clone().requires_grad_()
    (model(x) * dout).sum().backward()
    found = {name: parameter.grad for name, parameter in model.named_parameters()}
    return {"x": x.grad, **found}


def trained(module, data, budget, seed):
    """A ResNet-20 for the data, trained by your `train`."""
    torch.manual_seed(seed)
    images, labels = data
    model = module.resnet20(images.shape[1], int(labels.max()) + 1).to(images.device)
    return module.train(model, data, budget)


# --- what a report's smallest example asks ----------------------------------------------------------------------------


def answer(module, x, training, name, *args):
    """What a block or network of yours gives for x, and its running statistics then; its weights are 1, −1, 2, 1, …"""
    model = built(module, name, *args)
    with torch.no_grad():
        for entry, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                values = torch.tensor([1.0, -1.0, 2.0]).repeat(-(-tensor.numel() // 3))[: tensor.numel()]
                tensor.copy_(torch.ones_like(tensor) if entry.endswith("running_var") else values.view(tensor.shape))
    return forward(module, model, x.to(torch.float32), training)
