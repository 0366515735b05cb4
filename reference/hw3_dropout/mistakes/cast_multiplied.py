"""You multiply the channels. A colour cast adds a number."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images * (1 + _uniform(images, *images.shape[:2], 1, 1, largest=strength))
