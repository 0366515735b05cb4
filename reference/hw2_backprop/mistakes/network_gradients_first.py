"""Your function returns the gradients first. It is (loss, grads)."""

PARTS = ("network",)


def mlp_gradients(x, labels, params):
    before = affine_forward(x, params["W1"], params["b1"])
    hidden = relu_forward(before)
    loss, dscores = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), labels)
    dhidden, dw2, db2 = affine_backward(dscores, hidden, params["W2"])
    _, dw1, db1 = affine_backward(relu_backward(dhidden, before), x, params["W1"])
    return {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}, loss
