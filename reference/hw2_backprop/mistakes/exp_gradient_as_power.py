"""Your exp has the derivative of a power, x eˣ⁻¹. The exponent is what varies here: exp is its own derivative."""

import math

PARTS = ("nodes",)


class Value(Value):
    def exp(self):
        return Value(math.exp(self.data), (self,), (self.data * math.exp(self.data - 1),))
