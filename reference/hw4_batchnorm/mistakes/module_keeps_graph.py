"""Your running statistics keep the graph that they were computed with. Take them out of it with detach()."""

PARTS = ("module",)


class BatchNorm2d(BatchNorm2d):
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError(f"images of four axes are asked for, not {x.dim()}")
        running = self.running_mean, self.running_var
        y, self.running_mean, self.running_var = batchnorm_forward(
            x, self.weight, self.bias, *running, self.training, momentum=self.momentum, eps=self.eps
        )
        self.num_batches_tracked += self.training
        return y
