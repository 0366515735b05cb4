"""You change the images in place: `+=`. Next epoch they come again, and are to be as they were."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    images += _uniform(images, *images.shape[:2], 1, 1, largest=strength)
    return images
