"""A second backward() adds to the gradients of the first. Set them to 0 before you start."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        order = topological_order(self)
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
