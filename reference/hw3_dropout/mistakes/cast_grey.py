"""You add the same number to all channels, which changes the brightness. A cast has its own number for each
channel."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + _uniform(images, len(images), 1, 1, 1, largest=strength)
