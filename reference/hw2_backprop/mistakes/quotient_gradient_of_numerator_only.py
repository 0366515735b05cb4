"""Your a / b passes no gradient to b. The quotient depends on b too: the derivative is −a / b²."""

PARTS = ("nodes",)


class Value(Value):
    def __truediv__(self, other):
        other = _node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, 0.0))
