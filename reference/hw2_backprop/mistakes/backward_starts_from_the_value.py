"""Your gradients are too large by the factor of the result: backward() starts from the node's `data`. ∂f/∂f is 1."""

PARTS = ("nodes", "graphs")


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = self.data
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
