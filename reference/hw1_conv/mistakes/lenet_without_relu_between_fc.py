"""Your scores match a LeNet whose fully connected layers follow each other directly. A ReLU comes after fc1 and after
fc2; without it the three layers are no more than one."""

PARTS = ("lenet",)


def lenet(x, params):
    for name in ("conv1", "conv2"):
        x = relu_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
        x = maxpool2d_forward(x, 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2", "fc3"):
        x = linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
    return x
