"""Your relu looks at the sign of the gradient that comes back. It is the input's sign that decides."""

PARTS = ("nodes",)


class Value(Value):
    def relu(self):
        node = Value(max(self.data, 0.0), (self,), (1.0,))
        node.cuts = True
        return node

    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            grad = max(node.grad, 0.0) if hasattr(node, "cuts") else node.grad
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * grad
