"""What grading does where a function of yours is wrong: others stand in for it, to see whether what you make of it is
right all the same. Each function is given your module first.
"""

import torch

from grader.guest.stand_ins import standing_in


def _dropout_forward(x, p, training=True):
    return x * (2 + p if training else 7 + p), torch.ones_like(x, dtype=torch.bool)


def _random_horizontal_flip(images, p=0.5):
    return images * (1 + p) + 9 * p


def _random_crop(images, pad):
    return images * (1 + 2 * pad) + 3 * pad


def _random_rotation(images, max_degrees):
    return images * (1 + max_degrees) + 5 * max_degrees


def _color_cast(images, strength):
    return images * (1 + strength) + 7 * strength


STAND_INS = {  # no chance in them, and no two may change places; with 0 the augmentations change nothing
    "dropout_forward": _dropout_forward,
    "random_horizontal_flip": _random_horizontal_flip,
    "random_crop": _random_crop,
    "random_rotation": _random_rotation,
    "color_cast": _color_cast,
}


def wired_dropout(module, x, *args):
    """What your Dropout(*args) makes of x: when it is new, after eval(), and after train()."""
    with standing_in(module, STAND_INS):
        layer = module.Dropout(*args)
        return layer(x), layer.eval()(x), layer.train()(x)


def wired_ensemble(module, x, layers, p, n_samples):
    """Your sampled_ensemble."""
    with standing_in(module, STAND_INS):
        return module.sampled_ensemble(x, layers, p, n_samples)


def wired_augment(module, images, options):
    """What your Augment with these options, by name or in their order, makes of the images: when it is new, after
    eval(), and after train().
    """
    with standing_in(module, STAND_INS):
        augment = module.Augment(**options) if isinstance(options, dict) else module.Augment(*options)
        return augment(images), augment.eval()(images), augment.train()(images)


# --- what a report's smallest example asks ----------------------------------------------------------------------------


def evaluated(module, name, x, options):
    """What a module of yours makes of x in evaluation."""
    return getattr(module, name)(**options).eval()(x)


def trained_once(module, name, x, options):
    """What a module of yours makes of x in training."""
    return getattr(module, name)(**options)(x)
