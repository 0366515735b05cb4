"""Your v ** n is exp(n log v), which a negative v does not survive: (−2) ** 3 is −8."""

import math

PARTS = ("nodes",)


class Value(Value):
    def __pow__(self, exponent):
        power = math.exp(exponent * math.log(self.data))
        return Value(power, (self,), (exponent * power / self.data,))
