"""Your `dw` is divided by the size of the batch. The filters serve every image, so their gradients add up; the loss
decides whether to average."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx, dw / len(x), db
