"""The gradient of your v ** n is n vⁿ. The exponent goes down by one: n vⁿ⁻¹."""

PARTS = ("nodes",)


class Value(Value):
    def __pow__(self, exponent):
        return Value(self.data**exponent, (self,), (exponent * self.data**exponent,))
