"""Your running statistics are right, but your function overwrites the old ones. Return new tensors."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    running_mean *= 1 - momentum
    running_mean += momentum * mean
    running_var *= 1 - momentum
    running_var += momentum * var * m / (m - 1)
    return running_mean, running_var
