"""Your a / b is rounded down to a whole number, as `//` does."""

PARTS = ("nodes",)


class Value(Value):
    def __truediv__(self, other):
        other = _node(other)
        slopes = (1 / other.data, -self.data / other.data**2)
        return Value(self.data // other.data, (self, other), slopes)
