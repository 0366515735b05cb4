"""Your backward() walks on from a node each time that something reaches it, and takes along what it had passed on
before. Wait until all of a node's users are done: go in reversed topological order."""

PARTS = ("graphs",)


class Value(Value):
    def backward(self):
        for node in topological_order(self):
            node.grad = 0.0
        self.grad = 1.0
        waiting = [self]
        while waiting:
            node = waiting.pop()
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad
                waiting.append(source)
