"""You accept a negative max_degrees: raise ValueError."""

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    return rotate(images, _uniform(images, len(images), largest=max_degrees))
