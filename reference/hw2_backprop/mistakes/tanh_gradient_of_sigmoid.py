"""The derivative of your tanh is t (1 − t), that of a sigmoid. For tanh it is 1 − t²."""

import math

PARTS = ("nodes",)


class Value(Value):
    def tanh(self):
        t = math.tanh(self.data)
        return Value(t, (self,), (t * (1 - t),))
