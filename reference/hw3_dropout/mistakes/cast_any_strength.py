"""You accept a negative strength: raise ValueError."""

PARTS = ("color",)


def color_cast(images, strength):
    return images + _uniform(images, *images.shape[:2], 1, 1, largest=strength)
