"""Your relu has the derivative 1 at 0. This course says 0: pass the gradient on where the input is > 0, not ≥ 0."""

PARTS = ("nodes",)


class Value(Value):
    def relu(self):
        return Value(max(self.data, 0.0), (self,), (float(self.data >= 0),))
