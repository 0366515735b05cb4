"""hw1: layers that convolve nothing."""
import torch
def output_size(*a, **k): return 0
def conv2d_forward(x, w, b, stride=1, pad=0): return x[:, :1] + w.mean()
def relu_forward(x): return x
def maxpool2d_forward(x, k, stride): return x
def linear_forward(x, w, b): return x + w.mean()
def lenet(x, params):
    x = conv2d_forward(x, params["conv1.weight"], 0)
    x = conv2d_forward(x, params["conv2.weight"], 0).flatten(1)
    for n in ("fc1", "fc2", "fc3"): x = linear_forward(x, params[n + ".weight"], 0)
    return x
