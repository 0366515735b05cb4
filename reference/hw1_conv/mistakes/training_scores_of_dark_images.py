"""Your network is asked about images in another form than it was trained on: light and dark are swapped. What is done
to the pixels before training has to be done to those of `lenet_scores`, too, and nothing else."""

PARTS = ("training",)


def lenet_scores(images, params):
    return lenet(_prepare(1 - images), params)
