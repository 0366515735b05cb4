"""What grading does to your networks, beside your code. Each function is given your module first."""

import zlib

import torch
import torch.nn.functional as F

DRAWN = 65_521  # numbers drawn for a tensor; a prime, so that they come again in other places of a filter


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


def outline_of(module, name, *args):
    """The outline of what a function or class of yours makes of these arguments."""
    return outline(module, _made(getattr(module, name), *args))


def _made(make, *args):
    """Without memory for its numbers, if that can be: not every way of drawing them works without."""
    try:
        with torch.device("meta"):
            return make(*args)
    except Exception:  # noqa: BLE001 - your way of drawing numbers may raise anything where there are none
        return make(*args)


def network(module, block, layers, num_classes):
    """A ResNet of your own blocks."""
    return module.ResNet(getattr(module, block), layers, num_classes)


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


def composed(_, model, x, stages, pooled):
    """What your network's own parts give when they are put together as the handout says, and each stage's size."""
    model.eval()
    sizes = []
    with torch.no_grad():
        x = F.relu(model.bn1(model.conv1(x)))
        if pooled:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, stages + 1):
            for block in getattr(model, f"layer{stage}").children():
                x = block(x)
            sizes.append(list(x.shape))
        return model.fc(x.mean((2, 3))), sizes


def silence(_, model, stages):
    """Set the weights of all blocks to 0."""
    with torch.no_grad():
        for stage in range(1, stages + 1):
            for parameter in getattr(model, f"layer{stage}").parameters():
                parameter.zero_()


def composed_outline(module, block, widths, layers, stem, num_classes):
    """The outline that a network of your own blocks should have. `stem` is the shape of the first convolution."""
    cls = getattr(module, block)
    found = {"conv1.weight": stem, **_norm("bn1", stem[0])}
    c_in = stem[0]
    for stage, (width, blocks) in enumerate(zip(widths, layers, strict=True), 1):
        for i in range(blocks):
            inner = _made(cls, c_in, width, 2 if i == 0 and stage > 1 else 1)
            found |= {f"layer{stage}.{i}.{name}": shape for name, shape in outline(module, inner).items()}
            c_in = width * cls.expansion
    return {**found, "fc.weight": [num_classes, c_in], "fc.bias": [num_classes]}


def _norm(name, c):
    entries = {f"{name}.{entry}": [c] for entry in ("weight", "bias", "running_mean", "running_var")}
    return {**entries, f"{name}.num_batches_tracked": []}


def trained(module, data, budget, seed):
    """A ResNet-20 for the data, trained by your `train`."""
    torch.manual_seed(seed)
    images, labels = data
    model = module.resnet20(images.shape[1], int(labels.max()) + 1).to(images.device)
    return module.train(model, data, budget)
