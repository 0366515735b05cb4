"""Your log passes the gradient on divided by its output, log x. Its derivative is 1 over its input, 1/x."""

import math

PARTS = ("nodes",)


class Value(Value):
    def log(self):
        result = math.log(self.data)
        return Value(result, (self,), (1 / (result or 1),))
