"""Public checks: the lecture's slides, and numbers that anybody can look up. Run `pytest` in the homework's folder."""

import architectures
import pytest
import shapes
import torch

SIZES = {
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "resnext50_32x4d": 25_028_904,
    "resnext101_32x4d": 44_177_704,
    "resnext101_32x8d": 88_791_336,
    "se_resnet50": 28_088_024,
    "se_resnext50": 27_559_896,
}
IMAGE = (3, 227, 227)


def alexnet(groups):
    """The slide's layers, and what it says that they give."""
    return [
        ({"kind": "conv", "filters": 96, "kernel": 11, "stride": 4}, (96, 55, 55)),
        ({"kind": "pool", "kernel": 3, "stride": 2}, (96, 27, 27)),
        ({"kind": "conv", "filters": 256, "kernel": 5, "pad": 2, "groups": groups}, (256, 27, 27)),
        ({"kind": "pool", "kernel": 3, "stride": 2}, (256, 13, 13)),
        ({"kind": "conv", "filters": 384, "kernel": 3, "pad": 1}, (384, 13, 13)),
        ({"kind": "conv", "filters": 384, "kernel": 3, "pad": 1, "groups": groups}, (384, 13, 13)),
        ({"kind": "conv", "filters": 256, "kernel": 3, "pad": 1, "groups": groups}, (256, 13, 13)),
        ({"kind": "pool", "kernel": 3, "stride": 2}, (256, 6, 6)),
        ({"kind": "fc", "neurons": 4096}, (4096,)),
        ({"kind": "fc", "neurons": 4096}, (4096,)),
        ({"kind": "fc", "neurons": 1000}, (1000,)),
    ]


def stack(groups=2):
    return [layer for layer, _ in alexnet(groups)]


def count(make, *args, **kwargs):
    """Numbers that are learned; on the device "meta" none of them takes memory."""
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in make(*args, **kwargs).parameters())


def test_shapes_of_the_slide():
    """AlexNet's shapes, line by line."""
    assert list(architectures.shapes(stack(), IMAGE)) == [shape for _, shape in alexnet(2)]


def test_counts_of_the_slide():
    """60 million parameters and 650,000 neurons."""
    assert sum(architectures.parameters(stack(), IMAGE)) == 60_965_224
    assert sum(architectures.parameters(stack(groups=1), IMAGE)) == 62_378_344
    assert architectures.neurons(stack(), IMAGE) == 659_272


def test_multiplications_of_the_slide():
    """120 million multiplications, or 12.4 with a 1×1 convolution before."""
    five = {"kind": "conv", "filters": 32, "kernel": 5, "pad": 2}
    one = {"kind": "conv", "filters": 16, "kernel": 1}
    assert architectures.multiplications([five], (192, 28, 28)) == [120_422_400]
    assert architectures.multiplications([one, five], (192, 28, 28)) == [2_408_448, 10_035_200]


def test_multiplications_of_vgg16():
    """15.47 billion multiplications, as in the lecture's table."""
    layers = []
    for filters, convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [{"kind": "conv", "filters": filters, "kernel": 3, "pad": 1}] * convolutions
        layers.append({"kind": "pool", "kernel": 2})
    layers += [{"kind": "fc", "neurons": neurons} for neurons in (4096, 4096, 1000)]
    assert sum(architectures.multiplications(layers, (3, 224, 224))) == 15_470_264_320


@pytest.mark.parametrize(
    ("without", "fewer"), [((7,), 16_781_312), ((6, 7), 49_414_144), ((3, 4), 1_696_512), ((3, 4, 6, 7), 51_110_656)]
)
def test_ablation(without, fewer):
    """16 million parameters fewer without layer 7, 50 million without 6 and 7, 1 million without 3 and 4."""
    assert count(architectures.AlexNet) - count(architectures.AlexNet, without=without) == fewer


def test_scores_of_alexnet():
    """A score for each class."""
    assert architectures.AlexNet(7, shrink=16)(torch.randn(2, *IMAGE)).shape == (2, 7)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_parameters(name, size):
    """The networks have as many parameters as everybody's."""
    assert count(getattr(architectures, name)) == size


def test_inception():
    """The branches lie one behind another."""
    y = architectures.Inception(6, 1, 2, 3, 4, 5, 6)(torch.randn(2, 6, 5, 7))
    assert y.shape == (2, 1 + 3 + 5 + 6, 5, 7)
    assert bool((y >= 0).all())


def test_googlenet():
    """6,998,552 parameters without the auxiliary heads; three scores in training and one in evaluation."""
    with torch.device("meta"):
        model = architectures.GoogLeNet()
    heads = sum(p.numel() for name, p in model.named_parameters() if name.startswith("aux"))
    assert sum(p.numel() for p in model.parameters()) - heads == 6_998_552
    small, x = architectures.GoogLeNet(5, shrink=16), torch.randn(2, 3, 224, 224)
    assert [tuple(scores.shape) for scores in small(x)] == [(2, 5)] * 3
    assert small.eval()(x).shape == (2, 5)


def test_dense_layer():
    """A layer hands on what it was given, and adds to it."""
    x = torch.randn(2, 6, 5, 7)
    y = architectures.DenseLayer(6, 3)(x)
    assert y.shape == (2, 9, 5, 7)
    torch.testing.assert_close(y[:, :6], x)


@pytest.mark.parametrize(
    ("groups", "width", "size"),
    [(1, 64, 25_557_032), (2, 40, 25_425_000), (4, 24, 25_292_968), (8, 14, 25_603_016), (32, 4, 25_028_904)],
)
def test_equal_cost(groups, width, size):
    """The networks of the lecture's table cost about the same."""
    assert count(architectures.ResNeXt, [3, 4, 6, 3], groups, width) == size


def test_squeeze_and_excitation():
    """Each map is multiplied by one number from 0 to 1."""
    x = torch.randn(2, 8, 5, 6)
    factors = architectures.SqueezeExcitation(torch.nn.Identity(), 8, 2)(x) / x
    assert bool((factors > 0).all() and (factors < 1).all())
    torch.testing.assert_close(factors, factors[:, :, :1, :1].expand_as(x))


def test_which_stride():
    """An answer is one of two. Which one, you find out by counting."""
    for groups, width, gflops in ((1, 64, 3.86), (32, 4, 4.24)):
        assert architectures.which_stride([3, 4, 6, 3], groups, width, gflops) in ("1x1", "3x3")


def test_contender():
    """At most 300,000 parameters, and a score for each class."""
    assert 0 < count(architectures.contender) <= 300_000
    assert architectures.contender(7)(torch.randn(2, 3, 32, 32)).shape == (2, 7)


def reads(scores, truth, share, what):
    """Fail unless a trained network reads at least this share of images that it has not seen."""
    right = float((scores.argmax(1) == truth).float().mean())
    if right < share:
        pytest.fail(f"{what} recognises {right:.0%} of the images; it should be {share:.0%} at least.", pytrace=False)


def test_tournament():
    """Your contender, trained as in the tournament on other shapes, tells more than a fifth of 1,000 images right."""
    data = shapes.load(1)
    torch.manual_seed(1)
    orders = (torch.randperm(len(data.images)).split(50) for _ in range(4))
    batches = [(data.images[rows], data.labels[rows]) for order in orders for rows in order]
    model = architectures.train(architectures.contender(10).train(), batches).eval()
    with torch.no_grad():
        reads(model(data.test_images), data.test_labels, 0.2, "Your contender")
