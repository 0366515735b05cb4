"""Your log has the base 10. The natural logarithm is asked for, `math.log`."""

import math

PARTS = ("nodes",)


class Value(Value):
    def log(self):
        return Value(math.log10(self.data), (self,), (1 / (self.data * math.log(10)),))
