"""Your relu passes the gradient on also where it cut its input off. There the output does not move: 0."""

PARTS = ("nodes",)


class Value(Value):
    def relu(self):
        return Value(max(self.data, 0.0), (self,), (1.0,))
