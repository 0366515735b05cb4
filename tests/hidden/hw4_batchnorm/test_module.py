"""Part `module`: BatchNorm2d beside torch's own, which runs in the judge's process."""

from functools import partial

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight
from torch import nn

from grader.suite import either, expect, expect_equal, part, pick, raises

SHAPE = (3, 5, 4, 2)
OPTIONS = {"eps": 0.5, "momentum": 0.3}
RUNNING = ("running_mean", "running_var")
GRADIENTS = ("gradients", "keeps_graph")  # what the probe gives


@pytest.fixture
def batches(batch):
    """Four batches of images in float32, of two sizes."""
    return [batch(*shape, dtype=torch.float32) for shape in (SHAPE, (4, 5, 3, 6), SHAPE, SHAPE)]


@pytest.fixture
def learned(normal, positive):
    """What a module may have learned: a state dict."""
    f32 = {"dtype": torch.float32}
    values = {"weight": normal(5, **f32), "bias": normal(5, **f32)}
    values |= {"running_mean": normal(5, **f32), "running_var": positive(5, **f32)}
    return values | {"num_batches_tracked": torch.tensor(7)}


@part("module")
@weight(1.5)
def test_fresh_state(judge_module, state_of, integer):
    """BatchNorm2d starts with the state of torch's: the same names, shapes, dtypes and values."""
    judge_module(state_of, integer(2, 9))


@part("module")
@weight(1)
@pytest.mark.parametrize("name", ["weight", "bias"])
def test_parameter(student, state_of, name):
    """BatchNorm2d has its weight and its bias as parameters."""
    module = student.BatchNorm2d(5)
    value, found = state_of(module, name)[name], module.get_parameter(name)
    are_equal = isinstance(value, torch.Tensor) and isinstance(found, torch.Tensor) and torch.equal(value, found)
    expect(are_equal, f"`{name}` is no parameter")


@part("module")
@weight(0.5)
@pytest.mark.parametrize("name", RUNNING)
def test_buffer(student, state_of, name):
    """BatchNorm2d has its running statistics as buffers, which an optimiser does not see."""
    module = student.BatchNorm2d(5)
    found = module.get_buffer(name)  # before the state: buffers that do not persist are in the one and not in the other
    value = state_of(module, name)[name]
    are_equal = isinstance(value, torch.Tensor) and isinstance(found, torch.Tensor) and torch.equal(value, found)
    expect(are_equal, f"`{name}` is no buffer")


@part("module")
@weight(2)
def test_module_in_training(judge_module, batches):
    """BatchNorm2d normalises with the batch's own statistics in training, with each batch anew, also of one image."""

    def script(module):
        found = {"y": module(batches[0]), "y of the next batch": module(batches[1])}
        return {**found, "y of one image": module(batches[2][:1].clone())}

    judge_module(script, 5, **OPTIONS)


@part("module")
@weight(1.5)
@pytest.mark.parametrize("name", RUNNING)
def test_several_batches(judge_module, state_of, batches, name):
    """BatchNorm2d keeps running statistics over several batches."""

    def script(module):
        for x in batches[:3]:
            module(x)
        return state_of(module, name)

    judge_module(script, 5, **OPTIONS)


@part("module")
@weight(1)
def test_counter(judge_module, state_of, batches):
    """BatchNorm2d counts the batches that it was trained on."""

    def script(module):
        for x in batches[:3]:
            module(x)
        module.eval()
        module(batches[3])
        return state_of(module, "num_batches_tracked")

    judge_module(script, 5)


@part("module")
@weight(2)
def test_module_in_evaluation(judge_module, batches):
    """BatchNorm2d normalises with its running statistics in evaluation, a single image too."""

    def script(module):
        for x in batches[:2]:
            module(x)
        module.eval()
        return {"y": module(batches[2]), "y of one image": module(batches[3][:1].clone())}

    judge_module(script, 5, **OPTIONS)


@part("module")
@weight(1)
def test_evaluation_changes_nothing(judge_module, state_of, batches):
    """BatchNorm2d keeps its running statistics in evaluation, and takes up training where it was."""

    def script(module):
        module(batches[0])
        module.eval()
        module(batches[1])
        module.train()
        module(batches[2])
        return state_of(module, *RUNNING)

    judge_module(script, 5, **OPTIONS)


@part("module")
@weight(1.5)
def test_state_of_torchs(judge_module, state_of, batches, learned):
    """BatchNorm2d loads the state of a trained torch.nn.BatchNorm2d, and answers as that does."""
    torchs = nn.BatchNorm2d(5)
    torchs.load_state_dict(learned)
    torchs(batches[0])

    def script(module):
        module.load_state_dict(dict(torchs.state_dict()))
        y = module(batches[1])
        module.eval()
        return {"y": y, "y in evaluation": module(batches[2]), **state_of(module)}

    judge_module(script, 5)


@part("module")
@weight(1)
@visibility("after_due_date")
def test_state_for_torchs(judge_module, state_of, batches):
    """A torch.nn.BatchNorm2d loads the state of a trained BatchNorm2d."""

    def script(module):
        module(batches[0])
        state = state_of(module)
        torchs = nn.BatchNorm2d(5).eval()
        try:
            torchs.load_state_dict(state)
        except (RuntimeError, TypeError):  # of entries that are no tensors, or of another shape
            expect(False, "torch's layer does not take this state")
        return {"y": torchs(batches[1]).detach()}

    judge_module(script, 5)


@part("module")
@weight(0.5)
@pytest.mark.parametrize("option", ["defaults", "others"])
def test_options(judge_module, state_of, draws, option):
    """BatchNorm2d heeds its eps and its momentum, which are 1e-5 and 0.1 where none are given."""
    x = (draws.normal(3, 5, 2, 4) * 0.005).float()

    def script(module):
        return {"y": module(x), **state_of(module, "running_var")}

    judge_module(script, 5, **({"eps": 1.7e-4, "momentum": 0.637} if option == "others" else {}))


@part("module")
@weight(0.5)
def test_module_in_float64(judge_module, state_of, batch):
    """BatchNorm2d works in float64 after double()."""
    x = batch(*SHAPE)

    def script(module):
        module.double()
        y = module(x)
        module.eval()
        return {"y": y, "y in evaluation": module(x), **state_of(module, "running_mean")}

    judge_module(script, 5)


@part("module")
@weight(1.5)
def test_gradients(student, reference, batch):
    """Gradients flow through BatchNorm2d in training, and none from one batch to the next."""
    batches, douts = ([batch(n, 5, 3, 2) for n in (4, 3)] for _ in range(2))

    def judge(ours, theirs, *args):
        answer = ours(*args, batches, douts, OPTIONS)
        found, keeps_graph = (pick(answer, output, GRADIENTS) for output in GRADIENTS)
        expect(isinstance(found, dict), "there are no gradients")
        for name, value in theirs(*args, batches, douts, OPTIONS)[0].items():
            expect(name in found, f"there is no {name}")
            expect_equal(found[name], value, output=name)
        expect(keeps_graph is False, "the running statistics keep their graph")

    def wired(is_forward):
        judge(student.probes.wired_gradients, reference.probes.wired_gradients, is_forward)

    right = partial(judge, student.probes.gradients, reference.probes.gradients)
    either(right, lambda: either(lambda: wired(True), lambda: wired(False)))


@part("module")
@weight(0.5)
@visibility("after_due_date")
def test_other_shapes(student, judge_module, batches):
    """BatchNorm2d takes images and refuses a tensor of other than four axes with ValueError."""
    judge_module(lambda module: {"y": module(batches[0])}, 5)
    module = student.BatchNorm2d(5)
    for x in (batches[0][:, :, 0], batches[0][:, :, 0, 0]):
        raises(module, "ValueError", x.clone())


@part("module")
@weight(0.5)
def test_module_of_one_channel(judge_module, state_of, batch):
    """BatchNorm2d works for images of a single channel."""
    batches = [batch(n, 1, 3, 2, dtype=torch.float32) for n in (3, 1)]

    def script(module):
        found = {"y": module(batches[0]), "y of one image": module(batches[1])}
        module.eval()
        return {**found, "y in evaluation": module(batches[1]), **state_of(module, *RUNNING)}

    judge_module(script, 1, **OPTIONS)
