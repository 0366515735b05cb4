"""A second backward() starts from the old gradients of the nodes between: you reset those that were not computed, and
no others."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            if not node.inputs:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
