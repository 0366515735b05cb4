"""Your backward() leaves a gradient only in the nodes that were not computed. The handout asks for it in all nodes,
those between included."""

PARTS = ("nodes", "graphs")


class Value(Value):
    def backward(self):
        super().backward()
        for node in topological_order(self):
            if node.inputs:
                node.grad = 0.0
