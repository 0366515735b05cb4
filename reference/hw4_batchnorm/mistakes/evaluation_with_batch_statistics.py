"""In evaluation your output is normalised with the batch's own statistics. There the running ones are used, so that an
image's output does not depend on its neighbours."""

PARTS = ("forward",)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training and _count(x) < 2:
        raise ValueError("a single value")
    mean = batch_mean(x)
    var = batch_variance(x, mean)
    if training:
        running_mean, running_var = update_running(running_mean, running_var, mean, var, _count(x), momentum)
    return scale_and_shift(normalize(x, mean, var, eps), gamma, beta), running_mean, running_var
