"""The derivative of your tanh is 1 − tanh x. The square is missing: 1 − tanh² x."""

import math

PARTS = ("nodes",)


class Value(Value):
    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t,))
