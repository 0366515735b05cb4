"""Your module's running statistics start anew with every call of train(). What was learned stays until it is loaded
over."""

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def train(self, mode=True):
        if mode:
            self.running_mean.zero_()
            self.running_var.fill_(1)
        return super().train(mode)
