"""Your v ** n is v times n."""

PARTS = ("nodes",)


class Value(Value):
    def __pow__(self, exponent):
        return Value(self.data * exponent, (self,), (exponent,))
