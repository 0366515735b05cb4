"""You wrap whole blocks, and recalibrate what comes behind the addition. Only what the block adds is recalibrated."""

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
        stage = model.get_submodule(f"layer{s + 1}")
        for b, block in enumerate(list(stage.children())):
            stage[b] = SqueezeExcitation(block, c * 2**s * 4, reduction)
    return model
