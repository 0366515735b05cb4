"""Your running variance takes in (m − 1)/m · σ². The unbiased variance is the larger one, m/(m − 1) · σ²."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * var * ((m - 1) / m)
    return new_mean, new_var
