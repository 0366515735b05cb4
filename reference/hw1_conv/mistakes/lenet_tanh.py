"""Your scores match tanh in place of ReLU, as in the paper of 1998. This homework's LeNet uses ReLU."""

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]).tanh()
        x = maxpool2d_forward(x, 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2"):
        x = linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]).tanh()
    return linear_forward(x, params["fc3.weight"], params["fc3.bias"])
