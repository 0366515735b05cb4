"""Your scores are never negative: they match a ReLU after fc3. Scores may have any sign, so the last layer stays
linear."""

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = relu_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
        x = maxpool2d_forward(x, 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2", "fc3"):
        x = relu_forward(linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
    return x
