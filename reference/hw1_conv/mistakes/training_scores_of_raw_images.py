"""Your network is asked about images in another form than it was trained on. What is done to the pixels before training
has to be done to those of `lenet_scores`, too."""

PARTS = ("training",)


def lenet_scores(images, params):
    return lenet(F.pad(images, (2, 2, 2, 2)), params)
