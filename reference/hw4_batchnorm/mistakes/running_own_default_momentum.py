"""Where no momentum is given, your running statistics match one of 0.01. The default is 0.1."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.01):
    unbiased = var * (m / (m - 1))
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * unbiased
    return new_mean, new_var
