"""You mirror every image, whatever p is."""

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    return images.flip(3)
