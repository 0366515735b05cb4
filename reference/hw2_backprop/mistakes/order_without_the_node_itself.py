"""Your topological_order leaves out the node that it was asked for. It is the last of the list."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        order = [*topological_order(self), self]
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad


whole = topological_order


def topological_order(v):
    return whole(v)[:-1]
