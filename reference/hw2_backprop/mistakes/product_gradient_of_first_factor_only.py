"""Your a · b passes a gradient to its first factor only. The second one gets a times the gradient."""

PARTS = ("nodes",)


class Value(Value):
    def __mul__(self, other):
        other = _node(other)
        return Value(self.data * other.data, (self, other), (other.data, 0.0))
