"""All your gradients are 0: backward() never sets that of the node it starts from, which is 1."""

PARTS = ("nodes", "graphs")


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 0.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
