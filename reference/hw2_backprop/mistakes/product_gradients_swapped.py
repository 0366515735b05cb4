"""Your a · b passes to each factor a gradient times itself. Each gets it times the other one: ∂(ab)/∂a = b."""

PARTS = ("nodes",)


class Value(Value):
    def __mul__(self, other):
        other = _node(other)
        return Value(self.data * other.data, (self, other), (self.data, other.data))

    __rmul__ = __mul__
