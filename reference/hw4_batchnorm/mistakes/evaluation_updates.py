"""Your running statistics are updated in evaluation too. There they stay as they are."""

PARTS = ("forward",)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training and _count(x) < 2:
        raise ValueError("a single value")
    mean = batch_mean(x)
    var = batch_variance(x, mean)
    updated = update_running(running_mean, running_var, mean, var, max(2, _count(x)), momentum)
    used = (mean, var) if training else (running_mean, running_var)
    return scale_and_shift(normalize(x, *used, eps), gamma, beta), *updated
