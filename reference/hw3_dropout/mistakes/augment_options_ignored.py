"""Your Augment does not use its options: it always has the default ones."""

from torch import nn

PARTS = ("augment",)


class Augment(nn.Module):
    def __init__(self, flip=0.5, pad=2, max_degrees=10.0, strength=0.1):
        super().__init__()

    def forward(self, images):
        if not self.training:
            return images
        images = random_crop(random_horizontal_flip(images, 0.5), 2)
        return color_cast(random_rotation(images, 10.0), 0.1)
