"""In x + x your node gets one share of the gradient, where it is used twice: perhaps the shares are kept in a
dictionary by node."""

PARTS = ("graphs",)


class Value(Value):
    def __add__(self, other):
        other = _node(other)
        shares = {self: 1.0, other: 1.0}
        return Value(self.data + other.data, tuple(shares), tuple(shares.values()))

    __radd__ = __add__
