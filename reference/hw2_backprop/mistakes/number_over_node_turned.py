"""Your 1 / v is v / 1: __rtruediv__ gets the right side as `self`, and the number on the left as `other`."""

PARTS = ("nodes",)


class Value(Value):
    def __rtruediv__(self, other):
        return self / other
