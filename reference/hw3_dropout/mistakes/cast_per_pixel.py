"""You add another number to every pixel, which is noise. A cast is one number per channel of each image."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + _uniform(images, *images.shape, largest=strength)
