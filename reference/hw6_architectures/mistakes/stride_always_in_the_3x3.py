"""Your count does not depend on where the stride is."""

PARTS = ("which_stride",)


def bottleneck_multiplications(layers: list[int], groups: int, width: int, stride_in: str, size: int = 224) -> int:
    stem = [_conv(64, 7, 2), {"kind": "pool", "kernel": 3, "stride": 2, "pad": 1}]
    total, shape = sum(multiplications(stem, (3, size, size))), shapes(stem, (3, size, size))[-1]
    for s, blocks in enumerate(layers):
        inner, c_out = 2**s * width * groups, 256 * 2**s
        for b in range(blocks):
            stride = 2 if s > 0 and b == 0 else 1
            first, second = (1, stride)
            block = [_conv(inner, 1, first), _conv(inner, 3, second, groups), _conv(c_out, 1)]
            total += sum(multiplications(block, shape))
            if b == 0:  # the projection
                total += sum(multiplications([_conv(c_out, 1, stride)], shape))
            shape = shapes(block, shape)[-1]
    return total + sum(multiplications([{"kind": "mean"}, {"kind": "fc", "neurons": 1000}], shape))
