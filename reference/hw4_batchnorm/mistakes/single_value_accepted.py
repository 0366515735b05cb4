"""Your function trains on a single value per channel. Its variance is 0 and its unbiased variance 0/0: raise
ValueError."""

PARTS = ("forward",)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    mean, var = running_mean, running_var
    if training:
        mean = batch_mean(x)
        var = batch_variance(x, mean)
        running_mean, running_var = update_running(running_mean, running_var, mean, var, max(2, _count(x)), momentum)
    y = scale_and_shift(normalize(x, mean, var, eps), gamma, beta)
    return y, running_mean, running_var
