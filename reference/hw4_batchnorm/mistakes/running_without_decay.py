"""Your running statistics add momentum times the new value without letting the old one fade. Multiply the old one by 1
− momentum."""

PARTS = ("running",)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    unbiased = var * (m / (m - 1))
    new_mean = running_mean + momentum * mean
    new_var = running_var + momentum * unbiased
    return new_mean, new_var
