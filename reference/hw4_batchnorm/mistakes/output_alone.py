"""Your function returns y alone. Return (y, running_mean, running_var)."""

PARTS = ("forward",)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training and _count(x) < 2:
        raise ValueError("a single value")
    mean, var = running_mean, running_var
    if training:
        mean = batch_mean(x)
        var = batch_variance(x, mean)
        running_mean, running_var = update_running(running_mean, running_var, mean, var, _count(x), momentum)
    y = scale_and_shift(normalize(x, mean, var, eps), gamma, beta)
    return y
