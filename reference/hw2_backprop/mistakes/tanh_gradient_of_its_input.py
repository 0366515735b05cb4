"""The derivative of your tanh is 1 − x², with its input. It is 1 − tanh² x, with its output."""

import math

PARTS = ("nodes",)


class Value(Value):
    def tanh(self):
        return Value(math.tanh(self.data), (self,), (1 - self.data**2,))
