"""Your running statistics are the even average of old and new, whatever momentum says."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    unbiased = var * (m / (m - 1))
    new_mean = (running_mean + mean) / 2
    new_var = (running_var + unbiased) / 2
    return new_mean, new_var
