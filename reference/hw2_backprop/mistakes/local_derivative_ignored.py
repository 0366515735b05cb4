"""Your backward hands the gradient that arrives on as it is. Each input gets it times the derivative of the operation
with respect to it."""

PARTS = ("nodes",)


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source in node.inputs:
                source.grad += node.grad
