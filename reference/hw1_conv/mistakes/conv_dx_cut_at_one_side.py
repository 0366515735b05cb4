"""Your `dx` is shifted by the padding: it matches a crop [:H, :W] of the padded gradient. The image starts at row
`pad` and column `pad`."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dpadded, dw, db = _true_conv2d_backward(dout, _pad(x, pad), w, b, stride, 0)
    return dpadded[:, :, : x.shape[2], : x.shape[3]], dw, db
