"""Your running variance takes in the batch's variance as it is, divided by m. It collects the unbiased one, divided by
m − 1."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * var
    return new_mean, new_var
