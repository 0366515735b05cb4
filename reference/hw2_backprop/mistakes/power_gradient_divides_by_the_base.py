"""The derivative of your v ** n is n · vⁿ / v, which divides by zero where v is 0. n · vⁿ⁻¹ does not."""

PARTS = ("nodes",)


class Value(Value):
    def __pow__(self, exponent):
        power = self.data**exponent
        return Value(power, (self,), (exponent * power / self.data,))
