"""Your nodes take no plain numbers on the left: 2 + v, 2 - v, 2 * v and 2 / v end in TypeError. Python asks v for
__radd__, __rsub__, __rmul__ and __rtruediv__ there."""

PARTS = ("nodes",)


class Value(Value):
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = None
