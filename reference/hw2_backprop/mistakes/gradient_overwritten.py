"""A node that is used twice keeps only one of the gradients that come back to it: your backward sets them with `=`.
Each use adds its share: `+=`."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad = slope * node.grad
