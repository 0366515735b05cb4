"""Parts `forward`, `backward` and `module`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.judging.compare import Disagreement
from grader.suite import agree, expect, experiment, leaves_inputs_alone, part, pick, raises

OUTPUTS = ("y", "mask")
SHAPE = (37, 3, 11, 3)  # 3,663 elements: no share of them is exactly one that is tested
MANY = (70, 3, 5)  # with p = 0.5 all images stay whole with a probability of 2⁻⁷⁰, also where each falls as one
IMPOSSIBLE = (-0.1, -1e-9, 1 + 1e-9, 1.5)


@part("forward")
@weight(4)
def test_scale(student, draws, dropped, traits, same):
    """dropout_forward makes each element of y either 0 or x / (1 − p)."""
    x = draws.normal(*SHAPE)

    def body(module):
        for p in (0.22, 0.7):
            found = traits(dropped(module, x, p, True)[0], x, p)
            if found.scale:
                is_made_up_for = same(dropped(module, x, p, False)[0], x * (1 - p))
                expect(not is_made_up_for, f"{found.scale}; evaluation multiplies by 1 − p")
                expect(False, found.scale + (f"; {found.share}" if found.share else ""))
            expect(found.share != "no element is dropped", "no element is dropped")

    experiment(student, body)


@part("forward")
@weight(3)
def test_share(student, big, dropped, traits, repetition):
    """dropout_forward drops each element with probability p."""

    def body(module):
        for p in (0.22, 0.9):
            y, again = (dropped(module, big, p, True)[0] for _ in range(2))
            found = traits(y, big, p)
            if found.share:
                expect(not repetition(y != 0), repetition(y != 0))
                expect(False, found.share + (f"; {found.scale}" if found.scale else ""))
            half = slice(None, big.numel() // 2)
            is_even = not traits(y.flatten()[half], big.flatten()[half], p).share or bool(repetition(y != 0))
            expect(is_even, "more elements are dropped at one end than at the other")
            expect(not torch.equal(y != 0, again != 0), "every call has the same mask")

    experiment(student, body)


@part("forward")
@weight(2)
def test_mask(student, draws, dropped):
    """dropout_forward returns the mask that it used: True where an element was kept."""
    x = draws.normal(*SHAPE)
    # also elements that are 0, tiny or large
    spread = draws.remember(
        lambda: x * torch.tensor([0.0, 1.0, 1e-12, 1e12]).repeat(x.numel())[: x.numel()].view(SHAPE)
    )

    def body(module):
        y, mask = dropped(module, x, 0.4, True)
        if not bool((y == 0).any()):
            evaluated, _ = dropped(module, x, 0.4, False)
            expect(bool((evaluated == 0).any()), "no element is dropped")
        expect(not torch.equal(mask, y == 0), "the mask is True where an element was dropped")
        expect(torch.equal(mask, y != 0), "the mask is not that of `y`")
        y, mask = dropped(module, spread, 0.4, True)
        is_read_off = bool(mask.any()) and not bool(mask[spread == 0].any())
        expect(not is_read_off, "the mask is False wherever x is 0")
        expect(torch.equal(mask & (spread != 0), y != 0), "the mask is not that of `y` where x is tiny or large")

    experiment(student, body)


@part("forward")
@weight(1.5)
def test_elements_are_independent(student, big, dropped, repetition):
    """dropout_forward decides on each element by itself."""

    def body(module):
        kept = dropped(module, big, 0.2, True)[0] != 0
        expect(not repetition(kept), repetition(kept))
        share = float(kept.double().mean())
        expect(0.01 < share < 0.99, "hardly any element is dropped" if share > 0.5 else "hardly any element is kept")
        for axis in range(4):
            half = kept.shape[axis] // 2
            even = torch.arange(0, 2 * half, 2)
            halves = kept.narrow(axis, 0, half), kept.narrow(axis, half, half)
            neighbours = kept.index_select(axis, even), kept.index_select(axis, even + 1)
            for one, other in (halves, neighbours):
                alike = float((one == other).double().mean())
                # By Hoeffding's bound, 0.015 in the share and 0.032 in `alike` are left with a probability below 1e-19.
                expect(abs(alike - share**2 - (1 - share) ** 2) < 0.05, "elements are not dropped independently")

    experiment(student, body)


@part("forward")
@weight(1.5)
def test_calls_are_independent(student, draws, dropped, vary):
    """dropout_forward draws a new mask at each call, and lets chance decide how many elements it drops."""
    x = draws.normal(10, 100)

    def body(module):
        kept = torch.stack([dropped(module, x, 0.5, True)[0] != 0 for _ in range(8)])
        expect(not bool(kept.all()), "no element is dropped")
        expect(bool((kept != kept[0]).any()), "every call has the same mask")
        per_image, per_call = kept.sum(2), kept.sum((1, 2))
        expect(bool((per_image != per_image[0, 0]).any()), "equally many elements of each image are dropped")
        # Eight binomials of 1,000 are equal with a probability below 0.026⁷ = 1e-11.
        expect(bool((per_call != per_call[0]).any()), "equally many elements are dropped in every call")
        expect(
            vary(per_image, 100, 3), "how many elements of an image are dropped does not vary as chance would have it"
        )

    experiment(student, body)


@part("forward")
@weight(2)
def test_evaluation(student, draws, dropped, same, traits, is_still, attempt):
    """dropout_forward hands x on in evaluation."""
    x = draws.normal(*SHAPE)

    def body(module):
        y, _ = dropped(module, x, 0.4, False)
        if not same(y, x):
            trained, _ = dropped(module, x, 0.4, True)
            both = "both in training and" if bool((trained == 0).any()) else "not in training but"
            expect(not bool((y == 0).any()), f"elements are dropped {both} in evaluation")
            both = " again" if not traits(trained, x, 0.4).scale else ""
            expect(not same(y, x * 0.6), f"x is multiplied by 1 − p in evaluation{both}")
            expect(not same(y, x / 0.6), "x is divided by 1 − p in evaluation")
            expect(False, "`y` is not x in evaluation")
        trained = attempt(module.dropout_forward, x, 0.4, True)
        expect(isinstance(trained, tuple | list) and bool(trained), "there is no `y` in training")
        expect(not is_still(trained[0], x), "nothing is dropped, not in training either")

    experiment(student, body)


@part("forward")
@weight(1)
def test_mask_in_evaluation(student, draws, dropped):
    """dropout_forward returns a mask that is True everywhere in evaluation."""
    x = draws.normal(*SHAPE)

    def body(module):
        _, mask = dropped(module, x, p=0.4, training=False)
        expect(bool(mask.any()), "the mask is False everywhere in evaluation")
        expect(bool(mask.all()), "the mask is False somewhere in evaluation")

    experiment(student, body)


@part("forward")
@weight(1)
def test_nothing_is_dropped(student, reference, draws, needs_zeros):
    """dropout_forward keeps everything with p = 0, and not with others."""
    agree(student.dropout_forward, reference.dropout_forward, draws.normal(*SHAPE), 0.0, True)
    x = draws.normal(*MANY)
    experiment(student, lambda module: needs_zeros(module, x))


@part("forward")
@weight(0.75)
@pytest.mark.parametrize("output", OUTPUTS)
def test_everything_is_dropped(student, reference, draws, output):
    """dropout_forward drops everything with p = 1, which gives zeros."""
    answer = {"output": output, "outputs": OUTPUTS}
    agree(student.dropout_forward, reference.dropout_forward, draws.normal(*SHAPE), 1.0, True, **answer)


@part("forward")
@weight(0.5)
@visibility("after_due_date")
def test_training_by_default(student, draws, dropped):
    """dropout_forward trains unless it is told otherwise."""
    x = draws.normal(*MANY)

    def body(module):
        y, _ = dropped(module, x, 0.5)
        if not bool((y == 0).any()):
            told, _ = dropped(module, x, 0.5, True)
            expect(not bool((told == 0).any()), "no element is dropped unless training=True is given")
            expect(False, "no element is dropped")

    experiment(student, body)


@part("forward")
@weight(0.5)
@visibility("after_due_date")
def test_impossible_probabilities(student, draws, tensor):
    """dropout_forward refuses a p outside of [0, 1] with ValueError, in evaluation too, and takes others."""
    x = draws.normal(3, 2)

    def body(module):
        for training in (True, False):
            tensor(pick(module.dropout_forward(x, 0.5, training), "y", OUTPUTS), x, "`y`")
        for p in IMPOSSIBLE:
            raises(module.dropout_forward, "ValueError", x, p, True)
            try:
                raises(module.dropout_forward, "ValueError", x, p, False)
            except Disagreement:
                expect(False, "no ValueError is raised in evaluation")

    experiment(student, body)


@part("forward")
@weight(0.5)
def test_forward_in_float32(student, draws, dropped):
    """dropout_forward answers a float32 tensor with one, in training and in evaluation."""
    x = draws.normal(3, 7, dtype=torch.float32)

    def body(module):
        for training in (True, False):
            dropped(module, x, 0.3, training)

    experiment(student, body)


ONES = (900,), (1, 900), (900, 1), (30, 1, 30), (1, 30, 6, 5), (30, 1, 6, 5), (30, 6, 1, 5), (30, 6, 5, 1)


@part("forward")
@weight(0.5)
def test_sizes_of_one(student, draws, dropped):
    """dropout_forward takes x of any shape: one axis, one example, one element in each."""
    inputs = [draws.normal(*shape) for shape in ONES]

    def body(module):
        for x in inputs:
            evaluated, _ = dropped(module, x, 0.5, False)
            expect(bool((evaluated != 0).any()), "a size of 1 makes everything 0 in evaluation")
            # by chance, all or none of 900 are dropped with a probability of 2⁻⁸⁹⁹; fewer decisions get 40 calls
            masks = []
            for _ in range(40):
                masks.append(dropped(module, x, 0.5, True)[0] != 0)
                if 0.2 < float(masks[-1].double().mean()) < 0.8:
                    break
            expect(any(bool(kept.any()) for kept in masks), "every element is dropped where a size is 1")
            expect(not all(bool(kept.all()) for kept in masks), "no element is dropped where a size is 1")
            is_fair = 0.2 < float(masks[-1].double().mean()) < 0.8
            expect(is_fair, "far from half of the elements are dropped with p = 0.5 where a size is 1")

    experiment(student, body)


@part("forward")
@weight(0.5)
def test_forward_leaves_x(student, draws, needs_zeros):
    """dropout_forward drops, and leaves x as it was."""
    x = draws.normal(*MANY)

    def body(module):
        needs_zeros(module, x)
        leaves_inputs_alone(module.dropout_forward, x, 0.5, True)

    experiment(student, body)


# ----------------------------------------------------------------------------------------------------------- backward


@pytest.fixture
def backward_inputs(draws):
    """dout, and a mask that somebody drew."""

    def draw(*shape, p=0.3, dtype=torch.float64):
        dout = draws.normal(*shape, dtype=dtype)
        return dout, draws.remember(lambda: draws.normal(*shape).sigmoid() > p)

    return draw


@part("backward")
@weight(1.5)
@pytest.mark.parametrize("p", [0.3, 0.8])
def test_backward(student, reference, backward_inputs, p):
    """dropout_backward sends the gradient back as the elements came: scaled where kept, 0 where dropped."""
    dout, mask = backward_inputs(5, 3, 4, 6)
    agree(student.dropout_backward, reference.dropout_backward, dout, mask, p)
    for scale in (1e-9, 1e3):
        agree(student.dropout_backward, reference.dropout_backward, scale * dout, mask, p + 0.043)


@part("backward")
@weight(1.5)
def test_backward_uses_the_mask(student, backward_inputs, tensor, attempt):
    """dropout_backward lets no gradient through where an element was dropped, and all where it was kept."""
    dout, mask = backward_inputs(30, 40)

    def body(module):
        dx = tensor(module.dropout_backward(dout, mask, 0.3), dout, "`dx`")
        expect(not torch.equal(dx != 0, ~mask), "`dx` is 0 where an element was kept, and only there")
        expect(bool((dx == 0).any()), "`dx` is 0 nowhere")
        expect(not bool((dx[~mask] != 0).any()), "`dx` is not 0 in all places where an element was dropped")
        expect(not bool((dx[mask] == 0).any()), "`dx` is 0 in places where an element was kept")
        attempt(module.dropout_forward, dout, 0.5, True)  # whose mask is another one
        dx = tensor(module.dropout_backward(dout, mask, 0.3), dout, "`dx`")
        expect(torch.equal(dx != 0, mask), "after another forward pass, `dx` is 0 in other places than the mask says")

    experiment(student, body)


@part("backward")
@weight(1)
def test_backward_of_nothing(student, reference, draws):
    """dropout_backward gives zeros where everything was dropped, with p = 1."""
    mask = draws.remember(lambda: torch.zeros(4, 5, dtype=torch.bool))
    agree(student.dropout_backward, reference.dropout_backward, draws.normal(4, 5), mask, 1.0)


@part("backward")
@weight(1)
def test_backward_of_everything(student, reference, draws):
    """dropout_backward hands dout on where nothing was dropped, with p = 0, and there alone."""
    whole, mask = draws.remember(lambda: (torch.ones(4, 5) > 0, torch.arange(20).reshape(4, 5) % 5 > 0))
    dout = draws.normal(4, 5)
    agree(student.dropout_backward, reference.dropout_backward, dout, whole, 0.0)
    agree(student.dropout_backward, reference.dropout_backward, dout, mask, 0.25)


@part("backward")
@weight(0.5)
def test_backward_with_sizes_of_one(student, reference, backward_inputs):
    """dropout_backward takes gradients of any shape: one axis, one example, one element in each."""
    for shape in ((7,), (1, 9), (9, 1), (1, 3, 4, 2), (3, 1, 4, 2), (3, 4, 1, 2), (3, 4, 2, 1), (4, 4)):
        agree(student.dropout_backward, reference.dropout_backward, *backward_inputs(*shape), 0.4)


@part("backward")
@weight(0.5)
def test_backward_in_float32(student, reference, backward_inputs):
    """dropout_backward answers float32 with float32."""
    inputs = backward_inputs(4, 6, dtype=torch.float32)
    agree(student.dropout_backward, reference.dropout_backward, *inputs, 0.4)


@part("backward")
@weight(0.5)
def test_backward_leaves_inputs(student, reference, backward_inputs):
    """dropout_backward is right, and leaves its arguments as they were."""
    inputs = backward_inputs(4, 6)
    agree(student.dropout_backward, reference.dropout_backward, *inputs, 0.4)
    leaves_inputs_alone(student.dropout_backward, *inputs, 0.4)


# ------------------------------------------------------------------------------------------------------------- module


@part("module")
@weight(3)
def test_module_in_training(student, draws, judge_training):
    """Dropout drops and scales in training, as its p says."""
    x = draws.normal(51, 11, 3, 3)
    experiment(student, lambda module: judge_training(module, x, 0.32, 0.32))


@pytest.fixture
def judge_training(tensor, traits, unless, wired_dropout):
    """judge_training(module, x, p, *args): Dropout(*args) drops a share p of x, and scales the rest."""

    def judge(module, x, p, *args):
        with unless(lambda: wired_dropout(module, p, *args)):
            layer = module.Dropout(*args)
            y = tensor(layer(x), x, "the output")
            found = traits(y, x, p)
            if not any(found):
                return
            layer.eval()
            elsewhere = bool((tensor(layer(x), x, "the output") == 0).any()) and not bool((y == 0).any())
            expect(not elsewhere, "elements are dropped in evaluation, and not in training")
            expect(False, "; ".join(filter(None, (found.share, found.scale))))

    return judge


@part("module")
@weight(3)
def test_module_in_evaluation(student, draws, tensor, same, is_still, attempt, unless, wired_dropout):
    """Dropout hands x on in evaluation."""
    x = draws.normal(*SHAPE)

    def body(module):
        with unless(lambda: wired_dropout(module, 0.3, 0.3)):
            layer = module.Dropout(p=0.3)
            layer.eval()
            y = tensor(layer(x), x, "the output")
            layer.train()
            if not same(y, x):
                trained = tensor(layer(x), x, "the output")
                both = "both in training and" if bool((trained == 0).any()) else "not in training but"
                expect(not bool((y == 0).any()), f"elements are dropped {both} in evaluation")
                expect(not same(y, x * 0.7), "x is multiplied by 1 − p in evaluation")
                expect(False, "the output is not x in evaluation")
            trained = attempt(layer, x)
            expect(trained is not None, "there is no output in training")
            expect(not is_still(trained, x), "the output is x, in training too")

    experiment(student, body)


@part("module")
@weight(1.5)
def test_modes(student, draws, tensor, unless, wired_dropout):
    """Dropout starts in training, and takes it up again after an evaluation."""
    x = draws.normal(50, 4, 3)

    def body(module):
        with unless(lambda: wired_dropout(module, 0.5, 0.5)):
            layer = module.Dropout(0.5)
            first = bool((tensor(layer(x), x, "the output") == 0).any())
            layer.eval()
            layer(x)
            layer.train()
            second = bool((tensor(layer(x), x, "the output") == 0).any())
            expect(first, "a new module drops nothing")
            expect(second, "nothing is dropped after eval() and train()")

    experiment(student, body)


@part("module")
@weight(1.5)
def test_module_draws_anew(student, draws, tensor, repetition, unless, wired_dropout):
    """Dropout draws a new mask at each call, also for a batch of another size or shape."""
    x, others = draws.normal(*SHAPE), [draws.normal(*shape) for shape in ((4, *SHAPE[1:]), *ONES)]

    def body(module):
        with unless(lambda: wired_dropout(module, 0.5, 0.5)):
            layer = module.Dropout(0.5)
            kept = [tensor(layer(x), x, "the output") != 0 for _ in range(3)]
            if torch.equal(kept[0], kept[1]) and torch.equal(kept[0], kept[2]):
                expect(not bool(kept[0].all()), "no element is dropped")
                expect(False, "every call has the same mask")
            expect(not repetition(kept[0]), repetition(kept[0]))
            for other in others:
                tensor(layer(other), other, "the output")

    experiment(student, body)


@part("module")
@weight(1)
def test_p_by_default(student, draws, judge_training):
    """Dropout has a p of 0.5 where none is given."""
    x = draws.normal(51, 11, 3, 3)
    experiment(student, lambda module: judge_training(module, x, 0.5))


@part("module")
@weight(0.5)
def test_p_is_kept(student):
    """Dropout keeps its p as an attribute."""
    p = student.Dropout(0.25).p
    expect(isinstance(p, int | float) and p == 0.25, "`p` is not what the module was made with")


@part("module")
@weight(1)
@visibility("after_due_date")
def test_module_refuses(student):
    """Dropout refuses a p outside of [0, 1] with ValueError when it is made, and takes 0 and 1."""
    for p in (0.0, 1.0):
        student.Dropout(p)
    for p in IMPOSSIBLE:
        raises(student.Dropout, "ValueError", p)


@part("module")
@weight(0.5)
@visibility("after_due_date")
def test_state(student, draws, attempt):
    """Dropout has no parameters and no buffers, before a call and after it."""
    x = draws.normal(3, 4)
    layer = student.Dropout(0.5)
    state = layer.state_dict()
    expect(isinstance(state, dict) and not state, "`state_dict()` is not empty")
    attempt(layer, x)
    state = layer.state_dict()
    expect(isinstance(state, dict) and not state, "`state_dict()` is not empty after a call")
