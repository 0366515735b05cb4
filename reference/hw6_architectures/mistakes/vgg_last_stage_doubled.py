"""Your last stage has 1024 filters. The numbers double up to 512, which the last two stages have."""

PARTS = ("vgg",)


def _vgg_config(counts: list[int]) -> list[int | str]:
    config: list[int | str] = []
    for filters, count in zip([64, 128, 256, 512, 1024], counts, strict=True):
        config += [filters] * count + ["M"]
    return config
