"""Only the first block of each stage is recalibrated. All of them are."""

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
            if isinstance(block.bn3, SqueezeExcitation) or block is not model.get_submodule(f"layer{s + 1}")[0]:
                continue
            block.bn3 = SqueezeExcitation(block.bn3, c * 2**s * 4, reduction)
    return model
