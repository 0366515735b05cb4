"""Your backward adds the local derivative to the gradient that arrives. The chain rule multiplies the two."""

PARTS = ("nodes", "graphs")


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope + node.grad
