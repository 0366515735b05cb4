"""Your topological_order holds the nodes that were computed, and not the inputs that they were computed from."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        for node in whole(self):
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(topological_order(self)):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad


whole = topological_order


def topological_order(v):
    return [node for node in whole(v) if node.inputs]
