"""Your nodes cannot stand behind a number and a plus: 2 + v ends in TypeError. Python asks v for __radd__ there."""

PARTS = ("nodes",)


class Value(Value):
    __radd__ = None
