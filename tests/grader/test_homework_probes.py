"""What the homeworks' `probes.py` judge compositions with: every stand-in matters, and may not take another's place."""

from __future__ import annotations

from itertools import combinations
from types import ModuleType
from typing import Any

import pytest
import torch

from grader.homework import load_homework, module_from_source
from grader.judging.compare import compare
from tests.benchmarks.speed import ROOT


def _normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape)), dtype=torch.float64)


def _lenet(probes: ModuleType, module: ModuleType) -> Any:
    sizes = {"conv1": (2, 1, 5, 5), "conv2": (3, 2, 5, 5), "fc1": (6, 75), "fc2": (5, 6), "fc3": (4, 5)}
    params = {f"{name}.weight": _normal(*size) for name, size in sizes.items()}
    params |= {f"{name}.bias": _normal(size[0]) for name, size in sizes.items()}
    return probes.wired_lenet(module, _normal(2, 1, 32, 32), params)


def _mlp(probes: ModuleType, module: ModuleType) -> Any:
    params = {"W1": _normal(4, 5), "b1": _normal(5), "W2": _normal(5, 3), "b2": _normal(3)}
    loss, grads = probes.wired_mlp(module, _normal(6, 4), torch.arange(6) % 3, params)
    return [loss, *(grads[name] for name in params)]


def _augmented(probes: ModuleType, module: ModuleType) -> Any:
    x, layers = _normal(2, 3, 4, 4), [(_normal(4, 5), _normal(5)), (_normal(5, 3), _normal(3))]
    options = {"flip": 0.5, "pad": 2, "max_degrees": 10.0, "strength": 0.1}
    augmented = list(probes.wired_augment(module, x, options))
    return [*augmented, *probes.wired_dropout(module, x, 0.3), probes.wired_ensemble(module, x[0, 0], layers, 0.4, 3)]


def _normalized(probes: ModuleType, module: ModuleType) -> Any:
    batches, douts = ([_normal(n, 3, 2, 2) for n in (4, 2, 1, 3)] for _ in range(2))
    found = []
    for is_forward in (True, False):
        found += probes.wired_module(module, is_forward, batches, {"eps": 0.1})
        found += list(probes.wired_gradients(module, is_forward, batches[:2], douts[:2], {})[0].values())
    vectors = [_normal(3) for _ in range(4)]
    return [*found, *probes.wired_forward(module, batches[0], *vectors, True, eps=0.5)]


def _networks(probes: ModuleType, module: ModuleType) -> Any:
    found = []
    for block in ("BasicBlock", "Bottleneck"):
        model = probes.wired(module, "ResNet", block, [1, 2, 1, 1], 4).double()
        probes.fill(module, model, 3)
        found.append(probes.forward(module, model, _normal(2, 3, 40, 33), False)[0])
    return found


def _architectures(probes: ModuleType, module: ModuleType) -> Any:
    built = (
        (["Inception"], "GoogLeNet", 4, 16),
        (["DenseLayer", "Transition"], "DenseNet", 4, [2, 1, 1, 1], 6, 5),
        (["Bottleneck"], "ResNeXt", [1, 2, 1, 1], 4, 24, 5, 8),
        (["Bottleneck", "ResNeXt", "SqueezeExcitation"], "senet", [1, 1, 1, 1], 2, 40, 5, 8, 4),
    )
    found = []
    for args in built:
        model = probes.wired(module, *args).double()
        probes.fill(module, model, 3)
        found.append(probes.forward(module, model, _normal(1, 3, 224, 224), False)[0])
    counters = ["shapes", "multiplications"]
    count = probes.wired(module, counters, "bottleneck_multiplications", [1, 2, 1, 1], 8, 14, "3x3", 70)
    return [*found, torch.tensor(float(count))]


def _plain(answer: Any) -> Any:
    """Names of entries are no matter here."""
    if isinstance(answer, list | tuple):
        return [_plain(one) for one in answer if not isinstance(one, str)]
    return answer.detach()


WIRED = {
    "hw1_conv": (_lenet, ["STAND_INS"]),
    "hw2_backprop": (_mlp, ["STAND_INS"]),
    "hw3_dropout": (_augmented, ["STAND_INS"]),
    "hw4_batchnorm": (_normalized, ["LINES", "FORWARD"]),
    "hw5_resnet": (_networks, ["STAND_INS"]),
    "hw6_architectures": (_architectures, ["STAND_INS"]),
}
CASES = [(name, table) for name, (_, tables) in WIRED.items() for table in tables]


def _loaded(name: str) -> tuple[ModuleType, ModuleType]:
    homework = load_homework(ROOT, name)
    module = module_from_source(f"reference_{name}_of_stand_ins", homework.reference_source, "reference.py")
    return module_from_source(f"probes_{name}_of_stand_ins", homework.probes_source, "probes.py"), module


@pytest.mark.parametrize(("name", "table"), CASES)
def test_every_stand_in_matters_and_none_takes_anothers_place(name: str, table: str) -> None:
    probes, module = _loaded(name)
    wired = WIRED[name][0]
    right, stand_ins = _plain(wired(probes, module)), getattr(probes, table)
    assert compare(_plain(wired(probes, module)), right) is None
    own = dict(stand_ins)
    others = [{one: own[other], other: own[one]} for one, other in combinations(own, 2)]
    for changed in [*({one: getattr(module, one)} for one in own), *others]:
        stand_ins.update(own | changed)
        try:
            answer = _plain(wired(probes, module))
        except Exception:  # noqa: BLE001 - a function of another form: that shows too
            continue
        assert compare(answer, right) is not None, f"{' and '.join(changed)} may be exchanged"


@pytest.mark.parametrize("name", WIRED)
def test_the_module_is_its_own_again(name: str) -> None:
    probes, module = _loaded(name)
    own = vars(module).copy()
    WIRED[name][0](probes, module)
    assert all(vars(module)[key] is value for key, value in own.items())
