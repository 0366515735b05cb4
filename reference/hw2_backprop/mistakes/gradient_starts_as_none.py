"""A node that no backward() has reached has the `grad` None with you. It is a float, 0.0 at first."""

PARTS = ("graphs",)


class Value(Value):
    def __init__(self, data, inputs=(), slopes=()):
        super().__init__(data, inputs, slopes)
        self.grad = None
