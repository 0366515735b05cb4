"""You go through the graph level by level from the output. A node that is used on two levels then has its turn before
its last gradient has come: in topological order every node stands after all of its inputs."""

PARTS = ("graphs",)
FAMILY = "breadth_first"


class Value(Value):
    def backward(self):
        order, seen = [self], {self}
        for node in order:
            node.grad = 0.0
            for source in node.inputs:
                if source not in seen:
                    seen.add(source)
                    order.append(source)
        self.grad = 1.0
        for node in order:
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
