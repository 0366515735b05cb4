"""Your network has no ReLU between its layers, and so is a single affine one."""

PARTS = ("network",)


def mlp_gradients(x, labels, params):
    before = affine_forward(x, params["W1"], params["b1"])
    hidden = before
    loss, dscores = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), labels)
    dhidden, dw2, db2 = affine_backward(dscores, hidden, params["W2"])
    _, dw1, db1 = affine_backward(dhidden, x, params["W1"])
    return loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}
