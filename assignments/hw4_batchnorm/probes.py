"""What grading does where a function of yours is wrong: others stand in for it, to see whether what you make of it is
right all the same. Each function is given your module first.
"""

import torch

from grader.guest.stand_ins import standing_in


def _by_channel(x):
    return x.transpose(0, 1).flatten(1)


def _along(values, x):
    return values.reshape(-1, *[1] * (x.dim() - 2))


def _batch_mean(x):
    return _by_channel(x).amax(1)


def _batch_variance(x, mean):
    return _by_channel(x).amin(1) - 2 * mean


def _normalize(x, mean, var, eps=1e-5):
    return 2 * x + _along(mean, x) - 3 * _along(var, x) + 5 * eps


def _scale_and_shift(x_hat, gamma, beta):
    return x_hat * (2 + _along(gamma, x_hat)) - 3 * _along(beta, x_hat)


def _update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    return running_mean + 2 * momentum * mean + m, running_var - momentum * var + 3 * m


def _batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        y = x * (2 + _along(gamma, x)) - 3 * _along(beta, x) + 5 * eps
        return y, running_mean + momentum * _batch_mean(x), running_var + 2 * momentum * _batch_mean(x)
    y = x * (3 - _along(gamma, x)) + _along(beta, x) - _along(running_mean + 2 * running_var, x) + 7 * eps
    return y, running_mean, running_var


LINES = {  # none of them normalises, and no two may change places
    "batch_mean": _batch_mean,
    "batch_variance": _batch_variance,
    "normalize": _normalize,
    "scale_and_shift": _scale_and_shift,
    "update_running": _update_running,
}
FORWARD = {"batchnorm_forward": _batchnorm_forward}


def wired_forward(module, *args, **kwargs):
    """Your batchnorm_forward, of other lines."""
    with standing_in(module, LINES):
        return module.batchnorm_forward(*args, **kwargs)


def wired_module(module, is_forward, batches, options):
    """What your BatchNorm2d, with another batchnorm_forward or of other lines, makes of two batches in training, one in
    evaluation and one more in training; and its state when it is new, after the third batch and after the last. Between
    new and the first batch it learns other numbers.
    """
    with standing_in(module, FORWARD if is_forward else LINES):
        layer = module.BatchNorm2d(batches[0].shape[1], **options).to(batches[0].dtype)
        states = [_state(layer)]
        for i, (_, entry) in enumerate(sorted(layer.state_dict().items())):
            if entry.dim():
                entry.copy_(torch.linspace(i + 0.5, i + 1.5, len(entry)))
        answers = [layer(x).detach() for x in batches[:2]]
        answers.append(layer.eval()(batches[2]).detach())
        states.append(_state(layer))
        answers.append(layer.train()(batches[3]).detach())
        return answers, [*states, _state(layer)]


def gradients(module, batches, douts, options):
    """The gradients of (dout · y).sum() of your BatchNorm2d with respect to x, weight and bias, for two batches in
    training, one after the other; and whether its running statistics keep a graph.
    """
    layer = module.BatchNorm2d(batches[0].shape[1], **options).to(batches[0].dtype)
    found = {}
    for which, x, dout in zip(("first", "second"), batches, douts, strict=True):
        layer.zero_grad()
        x = x.clone().requires_grad_()
        (layer(x) * dout).sum().backward()
        for name, tensor in {"x": x, "weight": layer.weight, "bias": layer.bias}.items():
            found[f"gradient of {name} for the {which} batch"] = tensor.grad.clone()
    return found, any(buffer.requires_grad for buffer in layer.buffers())


def wired_gradients(module, is_forward, *args):
    """The gradients of your BatchNorm2d with another batchnorm_forward or of other lines."""
    with standing_in(module, FORWARD if is_forward else LINES):
        return gradients(module, *args)


def _state(layer):
    entries = sorted(layer.state_dict().items())
    return [", ".join(name for name, _ in entries), *(entry.detach().clone() for _, entry in entries)]


# --- what a report's smallest example asks ----------------------------------------------------------------------------


def answers(module, batches, options):
    """What your BatchNorm2d gives for batches in training and for the last one in evaluation, and its state then."""
    layer = module.BatchNorm2d(batches[0].shape[1], **options).to(batches[0].dtype)
    with torch.no_grad():
        layer.weight.fill_(2.0)
        layer.bias.fill_(1.0)
        *training, last = batches
        found = {f"y of batch {i}, training": layer(x).detach() for i, x in enumerate(training, 1)}
        found[f"y of batch {len(batches)}, evaluation"] = layer.eval()(last).detach()
    return found | dict(layer.state_dict())
