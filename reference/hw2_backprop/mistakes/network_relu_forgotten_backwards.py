"""Your gradients pass the ReLU as if it were not there: those of W1 and b1 must go through relu_backward."""

PARTS = ("network",)


def mlp_gradients(x, labels, params):
    before = affine_forward(x, params["W1"], params["b1"])
    hidden = relu_forward(before)
    loss, dscores = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), labels)
    dhidden, dw2, db2 = affine_backward(dscores, hidden, params["W2"])
    _, dw1, db1 = affine_backward(dhidden, x, params["W1"])
    return loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}
