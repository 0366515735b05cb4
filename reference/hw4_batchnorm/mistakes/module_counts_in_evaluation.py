"""Your module counts batches in evaluation too. `num_batches_tracked` is the number of batches it was trained on."""

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def forward(self, x):
        if not self.training:
            self.num_batches_tracked += 1
        return super().forward(x)
