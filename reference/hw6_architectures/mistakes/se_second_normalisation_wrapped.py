"""You wrap the normalisation behind the 3×3 convolution. What the block adds comes from the last one."""

PARTS = ("squeeze_excitation",)


def senet(
    layers: list[int],
    groups: int = 1,
    width: int = 64,
    num_classes: int = 1000,
    c: int = 64,
    reduction: int = 16,
) -> nn.Module:
    model = ResNeXt(layers, groups, width, num_classes, c)
    for s in range(4):
        for block in model.get_submodule(f"layer{s + 1}").children():
            block.bn2 = SqueezeExcitation(block.bn2, c * 2**s * width // 64 * groups, reduction)
    return model
