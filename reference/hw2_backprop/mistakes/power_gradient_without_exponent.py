"""The gradient of your v ** n is vⁿ⁻¹; the factor n is missing."""

PARTS = ("nodes",)


class Value(Value):
    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (self.data ** (exponent - 1),))
