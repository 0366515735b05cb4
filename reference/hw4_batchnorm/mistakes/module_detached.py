"""No gradient flows through your module: its output has no graph, so nothing before it learns, nor its own weight."""

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def forward(self, x):
        with torch.no_grad():
            return super().forward(x)
