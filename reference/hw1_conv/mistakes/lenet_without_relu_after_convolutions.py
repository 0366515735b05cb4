"""Your scores match a LeNet whose convolutions are not followed by ReLU. It comes after conv1 and conv2 just as after
fc1 and fc2."""

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = maxpool2d_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]), 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2"):
        x = relu_forward(linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
    return linear_forward(x, params["fc3.weight"], params["fc3.bias"])
