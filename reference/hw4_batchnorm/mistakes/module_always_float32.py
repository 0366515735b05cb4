"""Your module turns its input into float32. It computes in the dtype of its input."""

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def forward(self, x):
        return super().forward(x).float()
