"""Your topological_order begins with the output. It is asked for the other way round: inputs first, the node itself
last."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in order:
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad


inputs_first = topological_order


def topological_order(v):
    return inputs_first(v)[::-1]
