"""Your gradients are numpy arrays of the right values. Return torch tensors: torch.from_numpy turns one into the
other without copying."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    return tuple(gradient.numpy() for gradient in _true_conv2d_backward(dout, x, w, b, stride, pad))
