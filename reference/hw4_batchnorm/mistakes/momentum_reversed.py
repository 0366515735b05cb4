"""Your running statistics keep the share `momentum` of the old value. In this homework, as in torch, momentum is the
share of the new one."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    unbiased = var * (m / (m - 1))
    new_mean = momentum * running_mean + (1 - momentum) * mean
    new_var = momentum * running_var + (1 - momentum) * unbiased
    return new_mean, new_var
