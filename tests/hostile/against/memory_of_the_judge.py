"""Fails each check with as much as is kept for the diagnosis, and then has three networks sent back that name one tensor often.
class: exhaust the judge
verdict: failed, error, passed, blocked
success: memory
control: naive
part: training
course: hw1_conv
naive: allocates
"""

import torch

from grader.guest import codec
from grader.guest.data import DATA

_pack = codec.Packer.pack


class _Often:
    """One tensor under many names: it crosses the wire once."""


def _packed(self, value, depth=0):
    if isinstance(value, _Often):
        place = self._add_tensor(torch.zeros(8_380_000, dtype=torch.float64))
        return codec._Dict([(str(i), codec._Tensor(place)) for i in range(4)])
    return _pack(self, value, depth)


codec.Packer.pack = _packed


def train_lenet(images, labels, epochs, seed):
    return _Often()


def lenet_scores(images, params):
    near = torch.cdist(images.flatten(1), DATA["images"].flatten(1)).argmin(1)
    found = DATA["labels"][near].clone()
    found[: len(found) // 5] = 0
    return torch.nn.functional.one_hot(found.long(), 10).float()


def _answer(*_args, **_kwargs):
    return torch.zeros(450_000, dtype=torch.float64)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return _answer
