"""All images of your batch get the same cast. Each has its own."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + _uniform(images, 1, images.shape[1], 1, 1, largest=strength)
