"""Your scores match average pooling, as in the paper of 1998. This homework's LeNet uses max pooling."""

import torch

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = relu_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
        x = torch.stack([view for _, _, view in _windows(x, 2, 2, 2)]).mean(0)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2"):
        x = relu_forward(linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
    return linear_forward(x, params["fc3.weight"], params["fc3.bias"])
