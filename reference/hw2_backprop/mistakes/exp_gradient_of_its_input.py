"""Your exp passes the gradient on times its input. Its derivative is its output, eˣ."""

import math

PARTS = ("nodes",)


class Value(Value):
    def exp(self):
        return Value(math.exp(self.data), (self,), (self.data,))
