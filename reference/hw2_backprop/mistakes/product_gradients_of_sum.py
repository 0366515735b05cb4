"""Your a · b passes its gradient on as a + b does, to both factors unchanged. Each gets it times the other factor."""

PARTS = ("nodes",)


class Value(Value):
    def __mul__(self, other):
        other = _node(other)
        return Value(self.data * other.data, (self, other), (1.0, 1.0))

    __rmul__ = __mul__
