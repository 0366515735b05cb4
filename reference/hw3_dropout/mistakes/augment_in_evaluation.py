"""Your Augment changes images in evaluation too. There the network is to see them as they are: look at
self.training."""

from torch import nn

PARTS = ("augment",)


class Augment(nn.Module):
    def __init__(self, flip=0.5, pad=2, max_degrees=10.0, strength=0.1):
        super().__init__()
        self.flip, self.pad, self.max_degrees, self.strength = flip, pad, max_degrees, strength

    def forward(self, images):
        images = random_horizontal_flip(images, self.flip)
        images = random_crop(images, self.pad)
        images = random_rotation(images, self.max_degrees)
        images = color_cast(images, self.strength)
        return images
