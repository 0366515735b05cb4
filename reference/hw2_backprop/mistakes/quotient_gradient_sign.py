"""Your a / b passes a gradient of the wrong sign to b: the derivative is −a / b²."""

PARTS = ("nodes",)


class Value(Value):
    def __truediv__(self, other):
        other = _node(other)
        return Value(self.data / other.data, (self, other), (1 / other.data, self.data / other.data**2))
