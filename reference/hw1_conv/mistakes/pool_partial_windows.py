"""Your output has an extra row or column where pixels are left over: it matches windows that stick out of the map.
The output size rounds down."""

import torch
import torch.nn.functional as F

PARTS = ("maxpool2d",)


def maxpool2d_forward(x, k, stride):
    if k > min(x.shape[2:]):
        raise ValueError("the window does not fit")
    rest = [-(n - k) % stride for n in x.shape[2:]]
    x = F.pad(x, (0, rest[1], 0, rest[0]), value=float("-inf"))
    y = torch.stack([view for _, _, view in _windows(x, k, k, stride)]).amax(0)
    return y[:, :, : 1 + y.shape[2], : 1 + y.shape[3]]
