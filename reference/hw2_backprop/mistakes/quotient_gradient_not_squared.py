"""Your a / b passes −a / b on to b. The derivative of 1/b is −1/b²: the square is missing."""

PARTS = ("nodes",)


class Value(Value):
    def __truediv__(self, other):
        other = _node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, -self.data / other.data))
