"""Your last stage is not recalibrated."""

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
    for s in range(3):
        for block in model.get_submodule(f"layer{s + 1}").children():
            block.bn3 = SqueezeExcitation(block.bn3, c * 2**s * 4, reduction)
    return model
