"""Your Augment makes the same random decisions at each call. Every epoch is to show other images."""

import torch

PARTS = ("augment",)


_anew = Augment


class Augment(_anew):
    def forward(self, images):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            return super().forward(images)
