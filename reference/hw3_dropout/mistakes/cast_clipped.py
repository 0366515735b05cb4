"""You clip the result to [0, 1]. Images may have been normalised, so nothing is clipped."""

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return (images + _uniform(images, *images.shape[:2], 1, 1, largest=strength)).clamp(0, 1)
