"""Your 1 - v is v - 1: __rsub__ gets the right side as `self`, and the number on the left as `other`."""

PARTS = ("nodes",)


class Value(Value):
    def __rsub__(self, other):
        return self - other
