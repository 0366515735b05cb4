"""Your a − b passes its gradient on to b with the sign of a. It grows when b shrinks: b gets −1 times the gradient."""

PARTS = ("nodes",)


class Value(Value):
    def __sub__(self, other):
        other = _node(other)
        return Value(self.data - other.data, (self, other), (1.0, 1.0))
