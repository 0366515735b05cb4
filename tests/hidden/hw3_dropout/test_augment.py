"""Parts `augment` and `batches`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.judging.compare import kind
from grader.suite import expect, experiment, leaves_inputs_alone, part, raises

OFF = {"flip": 0.0, "pad": 0, "max_degrees": 0.0, "strength": 0.0}
ALL = {"flip": 0.5, "pad": 2, "max_degrees": 30.0, "strength": 0.3}
ON = {"flip": 1.0, "pad": 3, "max_degrees": 40.0, "strength": 0.5}


@pytest.fixture
def images(draws):
    """Images, none of which is its own mirror image."""
    return draws.normal(30, 3, 4, 5)


@pytest.fixture
def small(draws):
    """One image, one channel, one row, one column."""
    return [draws.normal(*shape) for shape in ((1, 2, 3, 4), (3, 1, 3, 4), (3, 2, 1, 4), (3, 2, 4, 1))]


COPIES = "all images are made of the first one"


def are_copies(y):
    """Whether all images are the same."""
    return bool(((y - y[:1]).abs() <= 1e-6).all())


@pytest.fixture
def is_wired(reference, images, attempt, same):
    """is_wired(module, options): whether Augment is right with functions that stand in for the student's."""

    def judge(module, options):
        found = attempt(module.probes.wired_augment, images, options)
        expected = reference.probes.wired_augment(images, options)
        return isinstance(found, tuple | list) and len(found) == 3 and all(map(same, found, expected))

    return judge


@pytest.fixture
def unless_wired(unless, is_wired):
    """`with unless_wired(module, options):` passes what is wrong inside of it, if Augment(**options) is wired right."""
    return lambda module, options: unless(lambda: is_wired(module, options))


@pytest.fixture
def needs_change(images, attempt, is_still, is_wired):
    """needs_change(module): what never changes an image leaves it as it is, and is right by no merit."""

    def judge(module):
        augment = module.Augment(**ALL)
        trained = (attempt(augment, images) for _ in range(40))  # a flip of all images may be all that works
        is_idle = all(y is None or is_still(y, images) for y in trained)
        is_idle = is_idle and is_still(attempt(augment.eval(), images), images)
        expect(not is_idle or is_wired(module, ALL), "nothing is changed in training")

    return judge


@part("augment")
@weight(1.5)
def test_augment_in_evaluation(student, images, small, tensor, is_still, needs_change, unless_wired):
    """Augment leaves images as they are in evaluation."""

    def body(module):
        with unless_wired(module, ALL):
            augment = module.Augment(**ALL)
            augment.eval()
            y = tensor(augment(images), images, "the result")
            if not torch.equal(y, images):
                augment.train()
                is_swapped = is_still(augment(images), images)
                expect(not is_swapped, "images are changed in evaluation, and not in training")
                expect(False, "images are changed in evaluation")
            for few in small:
                is_left = torch.equal(tensor(augment(few), few, "the result"), few)
                expect(is_left, "images of another size are changed in evaluation")
        needs_change(module)

    experiment(student, body)


@part("augment")
@weight(0.5)
def test_augment_in_training(student, images, tensor, is_still, unless_wired):
    """Augment starts in training, takes it up again after an evaluation, and has options where none are given."""

    def body(module):
        with unless_wired(module, ALL):
            augment = module.Augment(**ALL)
            first = tensor(augment(images), images, "the result")
            augment.eval()
            evaluated = augment(images)
            augment.train()
            second = tensor(augment(images), images, "the result")
            if is_still(first, images):
                is_swapped = isinstance(evaluated, torch.Tensor) and not is_still(evaluated, images)
                expect(not is_swapped, "a new module changes images in evaluation, and not in training")
                expect(False, "a new module changes nothing")
            expect(not is_still(second, images), "nothing is changed after eval() and train()")
        with unless_wired(module, {}):
            y = tensor(module.Augment()(images), images, "the result")
            expect(not is_still(y, images), "nothing is changed where no options are given")

    experiment(student, body)


@part("augment")
@weight(0.5)
def test_all_off(student, images, small, tensor, is_still, needs_change, unless_wired):
    """Augment changes nothing where all of its options are 0."""

    def body(module):
        with unless_wired(module, OFF):
            augment = module.Augment(**OFF)
            y = tensor(augment(images), images, "the result")
            expect(not are_copies(y), COPIES)
            expect(is_still(y, images), "images are changed though all options are 0")
            for few in small:
                y = tensor(augment(few), few, "the result")
                expect(is_still(y, few), "images of another size are changed though all options are 0")
        needs_change(module)

    experiment(student, body)


def _is_whole(images):
    return bool(((images.abs() <= 1e-6) | ((images - 1).abs() <= 1e-6)).all())


EFFECTS_ON_WHITE = {
    "flip": lambda y: bool(((y - 1).abs() <= 1e-6).all()),
    "pad": _is_whole,
    "max_degrees": lambda y: not _is_whole(y) and bool(((y > -1e-6) & (y < 1 + 1e-6)).all()),
    "strength": lambda y: is_even(y) and bool(((y - 1).abs() <= ON["strength"] + 1e-6).all()),
}


@part("augment")
@weight(0.5)
@pytest.mark.parametrize("option", ON)
def test_option(student, images, tensor, attempt, is_still, unless_wired, option):
    """Augment does what each option asks for, by itself."""
    options = OFF | {option: ON[option]}

    def body(module):
        with unless_wired(module, options):
            augment = module.Augment(**options)
            for _ in range(4):  # a crop at one place for all images, another part's loss, now and then changes nothing
                y = tensor(augment(images), images, "the result")
                if not is_still(y, images):
                    break
            if is_still(y, images):
                is_nothing = is_still(attempt(module.Augment(**ALL), images), images)
                expect(not is_nothing, "nothing is changed in training")
                expect(False, f"{option} alone changes nothing")
            expect(not are_copies(y), COPIES)
            expect(option != "flip" or is_still(y, images.flip(3)), "flip = 1 does not mirror the images")
            white = torch.ones_like(images)
            y = tensor(augment(white), white, "the result")
            expect(option == "flip" or not is_still(y, white), f"{option} alone changes nothing in some calls")
            expect(is_effect(y), f"{option} alone does something else")

    is_effect = EFFECTS_ON_WHITE[option]
    experiment(student, body)


STEPS = {
    "by default": ([], (0.5, 2, 10.0, 0.1), torch.float32),
    "in their order": ([1.0, 2, 25.0, 0.3], (1.0, 2, 25.0, 0.3), torch.float64),
}


@part("augment")
@weight(0.5)
@pytest.mark.parametrize("case", STEPS, ids=["default", "order"])
@visibility("after_due_date")
def test_steps(student, tensor, is_likely, unless_wired, case):
    """Augment takes every step in every call, by its default options, and by options that are given in their order."""
    options, (flip, pad, max_degrees, strength), dtype = STEPS[case]
    ramp = torch.arange(-3.0, 4.0, dtype=dtype)  # distances from the centre, to the right and downwards
    x = torch.stack([ramp.expand(7, 7), ramp[:, None].expand(7, 7)]).repeat(40, 1, 1, 1)

    def body(module):
        with unless_wired(module, options):
            augment = module.Augment(*options)
            y = torch.cat([tensor(augment(x), x, "the result") for _ in range(6)])
            # Near the centre the ramps stay ramps: their slopes show flip and angle, the rest is whole pixels and casts.
            centre, slope = y[:, :, 3, 3], y[:, :, 3, 4] - y[:, :, 3, 3]
            degrees = torch.rad2deg(torch.atan2(slope[:, 1], slope[:, 0].abs())).abs()
            places = centre.round()
            casts = (centre - places).abs()
            n = len(y)
            for seen in (slope[:, 0] < 0, degrees > 0.01, casts.amax(1) > 1e-4, places.abs().amax(1) > 0):
                calls = seen.reshape(6, 40).any(1)
                expect(bool((calls == calls[0]).all()), "a step is taken in some calls, and not in others")
            expect(is_likely(int((slope[:, 0] < 0).sum()), n, flip), f"flip is another one than {case}")
            expect(bool((degrees < max_degrees + 0.01).all()), f"max_degrees is smaller {case}")
            expect(bool((casts < strength + 1e-5).all()), f"strength is smaller {case}")
            # the outer tenth is missed by 240 angles with a probability of 1e-11, one of five places with one of 6e-23
            expect(bool((degrees > 0.9 * max_degrees).any()), f"max_degrees is larger {case}")
            expect(is_likely(int((degrees > max_degrees / 2).sum()), n, 0.5), "images are not turned at every call")
            expect(bool((casts > 0.9 * strength).any()), f"strength is larger {case}")
            expect(is_likely(int((casts > strength / 2).sum()), 2 * n, 0.5), "colours are not cast at every call")
            reached = [axis.unique().tolist() == list(range(-pad, pad + 1)) for axis in places.T]
            expect(all(reached), f"pad is another one {case}")
            still = int((places == 0).all(1).sum())
            expect(is_likely(still, n, (2 * pad + 1) ** -2), "images are not cropped at every call")

    experiment(student, body)


@part("augment")
@weight(0.5)
def test_augment_draws_anew(student, images, tensor, is_still, unless_wired):
    """Augment draws anew at each call."""

    def body(module):
        calls = []
        with unless_wired(module, ALL):
            augment = module.Augment(**ALL)
            one, other = (tensor(augment(images), images, "the result") for _ in range(2))
            expect(not is_still(one, images), "nothing is changed in training")
            calls = [one, other]
        # no chance is in what stands in for the student's functions, so nothing there says that this is another's fault
        expect(not calls or not is_still(*calls), "every call gives the same images")

    experiment(student, body)


@part("augment")
@weight(1)
@visibility("after_due_date")
def test_cast_comes_last(student, tensor, is_still, needs_change, unless_wired):
    """Augment casts its colours last: what came in from outside of the image gets them too."""
    black = torch.zeros(8, 3, 5, 7, dtype=torch.float64)
    options = ALL | {"strength": 0.5}

    def body(module):
        with unless_wired(module, options):
            y = tensor(module.Augment(**options)(black), black, "the result")
            expect(is_even(y), "the colour cast does not reach all of the image")
            if is_still(y, black):
                needs_change(module)

    experiment(student, body)


def is_even(images):
    """Whether each channel of each image has one colour."""
    return bool(((images - images[..., :1, :1]).abs() <= 1e-6).all())


# ------------------------------------------------------------------------------------------------------------ batches


@pytest.fixture
def samples(draws):
    """50 images whose number stands in every pixel; their labels are 3 times that."""
    return draws.remember(lambda: _numbered(50, 2, 3, 4))


def _numbered(n, *shape, dtype=torch.float64):
    numbers = torch.arange(n)
    return numbers.to(dtype)[:, None, None, None].expand(n, *shape).contiguous(), 3 * numbers


@pytest.fixture
def epoch(samples):
    """epoch(module, batch_size): the numbers of the images, and the labels, batch by batch."""

    def read(module, batch_size, samples=samples):
        images, _ = samples
        answer = module.shuffled_batches(*samples, batch_size)
        expect(isinstance(answer, tuple | list), f"the result is {kind(answer)}; a list of batches is asked for")
        expect(len(answer) > 0, "there are no batches")
        found, count = [], 0
        for batch in answer:
            pair = (
                isinstance(batch, tuple | list) and len(batch) == 2 and all(isinstance(b, torch.Tensor) for b in batch)
            )
            expect(pair, "a batch is not a tuple (images, labels) of tensors")
            some, labels = batch
            expect(some.shape[1:] == images.shape[1:], "the images of a batch are not (N, C, H, W)")
            expect(labels.shape == some.shape[:1], "the labels of a batch are not (N,)")
            count += max(len(some), 1)
            expect(count <= 2 * len(images), "there are far more samples than before")
            expect(some.dtype == images.dtype and labels.dtype == torch.int64, "a batch has another dtype")
            numbers = some[:, :1, :1, :1]
            expect(len(some) > 0 and torch.equal(numbers.expand_as(some), some), "the images are torn apart")
            found.append((numbers.flatten().round().long(), labels))
        return found

    return read


@part("batches")
@weight(2)
def test_labels_stay(student, epoch):
    """shuffled_batches gives each image its own label."""

    def body(module):
        batches = epoch(module, 8)
        if any(not torch.equal(labels, 3 * numbers) for numbers, labels in batches):
            labels = torch.cat([labels for _, labels in batches])
            expect(not torch.equal(labels, labels.sort().values), "the labels come in their old order")
            expect(False, "images have the labels of others")
        numbers = torch.cat([numbers for numbers, _ in batches])
        is_mixed = float((numbers.diff().abs() == 1).double().mean()) < 0.5  # that many by chance: below 1e-18
        expect(is_mixed, "the samples come in their old order")

    experiment(student, body)


@part("batches")
@weight(1.5)
def test_everyone_once(student, draws, epoch):
    """shuffled_batches gives each sample once, those that are left over too, and takes any number of them."""
    shapes = (1, 2, 3, 4), (6, 1, 3, 4), (6, 2, 1, 4), (6, 2, 3, 1)
    others = draws.remember(lambda: [_numbered(*shape, dtype=torch.float32) for shape in shapes])

    def body(module):
        numbers = torch.cat([numbers for numbers, _ in epoch(module, 8)])
        expect(len(numbers) != 48, "the samples that do not fill a batch are missing")
        expect(len(numbers) == 50, "there are not as many samples as before")
        expect(len(numbers.unique()) == 50, "some samples come several times, others never")
        for other in others:
            for size in (1, 4, 6):
                batches = epoch(module, size, other)
                numbers, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
                expect(torch.equal(numbers.sort().values, other[1] // 3), "not all of a few samples come, each once")
                expect(torch.equal(labels, 3 * numbers), "images have the labels of others where there are few")

    experiment(student, body)


@part("batches")
@weight(0.5)
def test_sizes(student, epoch):
    """shuffled_batches fills every batch but the last."""

    def body(module):
        for size in (8, 25, 1, 49, 50, 64):
            sizes = [len(numbers) for numbers, _ in epoch(module, size)]
            is_full = sum(one == size for one in sizes) >= len(sizes) - 1
            expect(is_full, "several batches have another size than batch_size")
            expect(all(one == size for one in sizes[:-1]), "the batch that is not full is not the last one")
            expect(sizes[-1] <= size, "the last batch is too large")

    experiment(student, body)


@part("batches")
@weight(1.5)
def test_order(student, draws, epoch, is_likely):
    """shuffled_batches mixes all samples, anew for each epoch, and each comes as often at each place."""
    few = draws.remember(lambda: _numbered(5, 1, 1, 1))

    def body(module):
        one, other = (torch.cat([numbers for numbers, _ in epoch(module, 5)]) for _ in range(2))
        expect(not torch.equal(one, one.sort().values), "the samples come in their old order")
        # All that follows happens by chance with a probability below 10! · 5!¹⁰ / 50!, or 1e-36;
        # and the ten batches in their old order, with one of 1 / 10!.
        expect(not torch.equal(one, other), "every epoch has the same order")
        whole = one[: len(one) // 5 * 5].reshape(-1, 5)
        steps = torch.arange(5).expand_as(whole)
        expect(not torch.equal(whole - whole[:, :1], steps), "the batches are shuffled, not the samples")
        whole = whole.sort(1).values
        expect(not torch.equal(whole - whole[:, :1], steps), "each batch is shuffled by itself")
        orders = torch.stack([torch.cat([numbers for numbers, _ in epoch(module, 5, few)]) for _ in range(60)])
        expect(orders.shape == (60, 5), "there are not as many samples as before")
        counts = [int((orders[:, place] == number).sum()) for place in range(5) for number in range(5)]
        expect(all(is_likely(count, 60, 0.2) for count in counts), "some samples come to some places more often")

    experiment(student, body)


@part("batches")
@weight(0.25)
@visibility("after_due_date")
def test_batches_refuse(student, samples, epoch):
    """shuffled_batches refuses a batch size below 1 with ValueError, and takes 1."""

    def body(module):
        epoch(module, 1)
        raises(module.shuffled_batches, "ValueError", *samples, 0)

    experiment(student, body)


@part("batches")
@weight(0.25)
def test_batches_leave_samples(student, samples, epoch):
    """shuffled_batches shuffles, and leaves images and labels as they were."""

    def body(module):
        numbers = torch.cat([numbers for numbers, _ in epoch(module, 7)])
        expect(not torch.equal(numbers, numbers.sort().values), "the samples come in their old order")
        leaves_inputs_alone(module.shuffled_batches, *samples, 7)

    experiment(student, body)
