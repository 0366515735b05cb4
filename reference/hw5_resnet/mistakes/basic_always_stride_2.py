"""Your block has a stride of 2 wherever it was asked for another one than 1. Use the stride that it is given."""

PARTS = ("basic_block",)


class BasicBlock(BasicBlock):
    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__(c_in, c, min(stride, 2))
