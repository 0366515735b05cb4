"""Without an argument your module's p is 0.2. The default is 0.5, as in torch."""

PARTS = ("module",)


class Dropout(Dropout):
    def __init__(self, p=0.2):
        super().__init__(p)
