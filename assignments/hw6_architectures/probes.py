"""What grading does to your networks, beside your code. Each function is given your module first."""

import math
import zlib

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from grader.guest.stand_ins import standing_in

DRAWN = 65_521  # numbers drawn for a tensor; a prime, so that they come again in other places of a filter
MOST = 300_000  # numbers that the tournament's network may learn
BATCH = 50  # images of the tournament's training in a batch


def fill(_, model, seed):
    """Give every parameter and buffer values that depend on the seed and on its name."""
    for name, tensor in model.state_dict().items():
        draw = torch.Generator().manual_seed((seed * 65_537 + zlib.crc32(name.encode())) % 2**31)
        if not tensor.is_floating_point():
            continue
        few = torch.randn(min(tensor.numel(), DRAWN), generator=draw, dtype=torch.float64)
        value = few.repeat(-(-tensor.numel() // max(len(few), 1)))[: tensor.numel()].view(tensor.shape)
        if name.endswith("running_var") or (tensor.dim() == 1 and name.endswith("weight")):
            value = value.abs() / 2 + 0.5
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


def built(module, name, *args, **kwargs):
    """What a function or class of yours makes of these arguments."""
    return getattr(module, name)(*args, **kwargs)


def outline_of(module, name, *args, **kwargs):
    """The outline of what is built so."""
    return outline(module, _made(built, module, name, *args, **kwargs))


def _made(make, *args, **kwargs):
    """Without memory for its numbers, if that can be: not every way of drawing them works without."""
    try:
        with torch.device("meta"):
            return make(*args, **kwargs)
    except Exception:  # noqa: BLE001 - your way of drawing numbers may raise anything where there are none
        return make(*args, **kwargs)


# --- what stands in for yours -----------------------------------------------------------------------------------------


def _drawn(*shape):
    return torch.nn.Parameter(torch.zeros(shape))


def _mixed(x, stride):
    """Neighbours count, so that it matters where the strides are."""
    return (x + x.roll(1, 2) / 2 + x.roll(1, 3) / 3)[:, :, ::stride, ::stride]


class _Inception(torch.nn.Module):
    """As many channels as an Inception module gives, and none of its layers. Every argument shows in the state."""

    def __init__(self, c_in, c1, r3, c3, r5, c5, proj):
        super().__init__()
        self.whole, self.third = _drawn(c1, c_in), _drawn(c3, r3)
        self.fifth, self.rest = _drawn(c5, r5, 1), _drawn(proj)

    def forward(self, x):
        x, mean = _mixed(x, 1), x.mean(1, keepdim=True)
        few = torch.cat([self.third.mean(1), self.fifth.mean((1, 2)) * 2, self.rest * 3])
        return torch.cat([torch.einsum("oc,nchw->nohw", self.whole, x), few[:, None, None] * mean], 1).tanh()


class _DenseLayer(torch.nn.Module):
    def __init__(self, c_in, growth, bottleneck=4):
        super().__init__()
        self.mix = _drawn(growth, c_in, bottleneck)

    def forward(self, x):
        return torch.cat([x, torch.einsum("oc,nchw->nohw", self.mix.mean(2), _mixed(x, 1)).tanh()], 1)


class _Transition(torch.nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.mix = _drawn(c_out, c_in)

    def forward(self, x):
        return torch.einsum("oc,nchw->nohw", self.mix, _mixed(x, 2)).sin()


class _Bottleneck(torch.nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1, groups=1, width=64):
        super().__init__()
        self.stride = stride
        self.mix, self.sizes = _drawn(4 * c, c_in, stride), _drawn(groups, width, 1)
        self.bn3 = torch.nn.BatchNorm2d(4 * c)
        self.bn1 = self.bn2 = self.bn3  # for who looks at them

    def forward(self, x):
        y = self.bn3(torch.einsum("oc,nchw->nohw", self.mix.mean(2), _mixed(x, self.stride)))
        return (y + self.sizes.mean()).tanh()


class _ResNeXt(torch.nn.Module):
    """Four stages of what stands in for blocks, and of nothing else."""

    def __init__(self, layers, groups=32, width=4, num_classes=1000, c=64):
        super().__init__()
        before = 3
        for s, blocks in enumerate(layers):
            stage = torch.nn.Sequential()
            for _ in range(blocks):
                stage.append(_Bottleneck(before, c << s, 2, groups, width))
                before = 4 * (c << s)
            self.add_module(f"layer{s + 1}", stage)
        self.fc = torch.nn.Linear(before, num_classes)

    def forward(self, x):
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).amax((2, 3)))


class _SqueezeExcitation(torch.nn.Module):
    def __init__(self, block, channels, reduction=16):
        super().__init__()
        self.block, self.factors = block, _drawn(channels, reduction)

    def forward(self, x):
        return self.block(x) * self.factors.mean(1).cos()[:, None, None]


def _shapes(stack, shape):
    """Sizes of their own kind, from strides alone."""
    found = []
    for layer in stack:
        if layer["kind"] in ("conv", "pool"):
            stride = layer.get("stride", 1)
            shape = (layer.get("filters", shape[0]), *(-(-n // stride) + 1 for n in shape[1:]))
        elif layer["kind"] in ("mean", "fc"):
            shape = (layer.get("neurons", shape[0]),)
        found.append(shape)
    return found


def _multiplications(stack, shape):
    """Numbers that tell layers apart."""
    found = []
    for layer, given in zip(stack, [shape, *_shapes(stack, shape)], strict=False):
        of_layer = 17 * layer.get("filters", 0) * layer.get("kernel", 0) + 5 * layer.get("groups", 1)
        is_counted = layer["kind"] in ("conv", "fc")
        found.append(of_layer * math.prod(given) + layer.get("neurons", 0) if is_counted else 0)
    return found


_Bottleneck.__name__, _SqueezeExcitation.__name__ = "Bottleneck", "SqueezeExcitation"

# what is put together of these is judged fairly where one of them is wrong
STAND_INS = {
    "Inception": _Inception,
    "DenseLayer": _DenseLayer,
    "Transition": _Transition,
    "Bottleneck": _Bottleneck,
    "ResNeXt": _ResNeXt,
    "SqueezeExcitation": _SqueezeExcitation,
    "shapes": _shapes,
    "multiplications": _multiplications,
}


def wired(module, names, name, *args, **kwargs):
    """What is built so, of what stands in for your classes and functions of these names."""
    with standing_in(module, {one: STAND_INS[one] for one in names}):
        return built(module, name, *args, **kwargs)


def wired_outline_of(module, names, name, *args, **kwargs):
    """The outline of that."""
    with standing_in(module, {one: STAND_INS[one] for one in names}):
        return outline_of(module, name, *args, **kwargs)


# --- what is asked of a network ---------------------------------------------------------------------------------------


def forward(_, model, x, training):
    """What it answers, in training or in evaluation, and its state's buffers afterwards."""
    model.train(training)
    with torch.no_grad():
        y = model(x)
    return y, {name: buffer.clone() for name, buffer in model.named_buffers() if buffer.is_floating_point()}


def twice(module, x, training, seed, name, *args, **kwargs):
    """What a network that is built so, with known numbers, makes of x, and makes of it again."""
    model = built(module, name, *args, **kwargs).double()
    fill(module, model, seed)
    return [forward(module, model, x, training)[0] for _ in range(2)]


def sizes(_, model, x):
    """Name of a layer → the shape of what it gave, for convolutions and linear layers, in training."""
    seen, hooks = {}, []
    for name, layer in model.named_modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            hooks.append(layer.register_forward_hook(lambda _, __, y, name=name: seen.update({name: list(y.shape)})))
    model.train()
    with torch.no_grad():
        model(x)
    for hook in hooks:
        hook.remove()
    return seen


def gradients(_, model, x, douts):
    """The gradients of Σ (dout · y).sum() over its outputs, with respect to x and to every parameter, in training."""
    model.train()
    x = x.clone().requires_grad_()
    answers = model(x)
    answers = answers if isinstance(answers, tuple | list) else [answers]
    sum((y * dout).sum() for y, dout in zip(answers, douts, strict=True)).backward()
    found = {name: parameter.grad for name, parameter in model.named_parameters()}
    return {"x": x.grad, **found}


def recalibrated(module, c_in, channels, reduction):
    """Your SqueezeExcitation around a convolution and its normalisation."""
    block = torch.nn.Sequential(torch.nn.Conv2d(c_in, channels, 3, stride=2), torch.nn.BatchNorm2d(channels))
    return module.SqueezeExcitation(block, channels, reduction)


# --- the tournament ---------------------------------------------------------------------------------------------------


def contender(module, classes):
    """Your network for the tournament, and how many numbers it learns."""
    model = module.contender(classes)
    count = sum(parameter.numel() for parameter in model.parameters())
    return model, count


def trained(module, images, labels, epochs, seed):
    """Your contender, trained by your `train` on batches in a new order in each epoch.

    Raises ValueError where it learns more numbers than it may, and RuntimeError where one of torch's optimisers makes
    more steps than there are batches.
    """
    torch.manual_seed(seed)
    model, count = contender(module, int(labels.max()) + 1)
    if count > MOST:
        raise ValueError(f"the network learns {count:,} numbers; {MOST:,} are allowed")
    batches = [rows for _ in range(epochs) for rows in torch.randperm(len(images)).split(BATCH)]
    steps = iter(range(len(batches)))

    def one_more(*_):
        if next(steps, None) is None:
            raise RuntimeError(f"more steps than the {len(batches)} batches that there are")

    hook = register_optimizer_step_post_hook(one_more)
    try:
        return module.train(model.to(images.device), _Batches(images, labels, batches))
    finally:
        hook.remove()


class _Batches:
    """(images, labels) of one batch after another; its length is the number of steps."""

    def __init__(self, images, labels, rows):
        self._images, self._labels, self._rows = images, labels, rows

    def __len__(self):
        return len(self._rows)

    def __iter__(self):
        return ((self._images[rows], self._labels[rows]) for rows in self._rows)


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
