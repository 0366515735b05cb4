"""Your running statistics are those of the last batch alone: nothing is left of the old ones."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    unbiased = var * (m / (m - 1))
    new_mean = mean.clone()
    new_var = unbiased + 0
    return new_mean, new_var
