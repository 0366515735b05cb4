"""One angle turns your whole batch. Each image has its own."""

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    _check_size("max_degrees", max_degrees)
    return rotate(images, _uniform(images, 1, largest=max_degrees).expand(len(images)))
