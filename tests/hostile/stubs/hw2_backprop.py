"""hw2: identity layers; the gradients of the network are its input."""
def affine_forward(x, w, b): return x
def affine_backward(dout, x, w): return x, x, x
def relu_forward(x): return x
def relu_backward(dout, x): return x
def softmax_cross_entropy(scores, labels): return scores.sum(), scores
def mlp_gradients(x, labels, params): return x.sum(), {n: x for n in params}
