"""Your −v passes its gradient on with the sign unchanged: times −1."""

PARTS = ("nodes",)


class Value(Value):
    def __neg__(self):
        return Value(-self.data, (self,), (1.0,))
