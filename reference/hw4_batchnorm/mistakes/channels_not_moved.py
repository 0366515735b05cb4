"""You make rows of C numbers out of images by reshape alone, which mixes the channels: in memory they are not the last
axis. Move them there first, with x.permute(0, 2, 3, 1)."""

PARTS = ("lines",)


def batch_mean(x):
    return x.reshape(-1, x.shape[1]).mean(0)


def batch_variance(x, mean):
    return (x.reshape(-1, x.shape[1]) - mean).square().mean(0)
