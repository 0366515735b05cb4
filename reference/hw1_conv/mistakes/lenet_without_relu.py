"""Your scores match a LeNet without any ReLU. Without nonlinearities the whole stack, apart from the pooling, is one
linear map."""

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = maxpool2d_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]), 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2", "fc3"):
        x = linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
    return x
