"""Your module's running statistics move in evaluation: they are updated without regard to self.training."""

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def forward(self, x):
        if not self.training:
            mean = batch_mean(x)
            var = batch_variance(x, mean)
            running = self.running_mean, self.running_var
            moved = update_running(*running, mean, var, max(2, _count(x)), self.momentum)
            y = super().forward(x)
            self.running_mean, self.running_var = moved
            return y
        return super().forward(x)
