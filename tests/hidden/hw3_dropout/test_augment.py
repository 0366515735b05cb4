"""Parts `augment` and `batches`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.compare import kind
from grader.suite import expect, experiment, leaves_inputs_alone, part, raises

OFF = {"flip": 0.0, "pad": 0, "max_degrees": 0.0, "strength": 0.0}
ALL = {"flip": 0.5, "pad": 2, "max_degrees": 30.0, "strength": 0.3}
OWN = {  # what does each option's work, with its value where it is on
    "flip": ("random_horizontal_flip", 1.0),
    "pad": ("random_crop", 3),
    "max_degrees": ("random_rotation", 40.0),
    "strength": ("color_cast", 0.5),
}


@pytest.fixture
def images(draws):
    """Images, none of which is its own mirror image."""
    return draws.normal(30, 3, 4, 5)


def chain(module, images, options):
    """What the student's own functions make of the images, one after the other; None where that is no images."""
    try:
        for option, (name, _) in OWN.items():
            images = getattr(module, name)(images, options[option])
    except Exception as error:
        if type(error).__name__ == "InfraError":
            raise
        return None
    return images if isinstance(images, torch.Tensor) and images.is_floating_point() and images.dim() == 4 else None


@pytest.fixture
def augmented(tensor, is_still):
    """augmented(module, augment, images, options): what Augment gives, in the dtype of the images.

    None where its shape is wrong because the student's own functions give that shape, by chance or always the same.
    """

    def read(module, augment, images, options):
        y = augment(images)
        if isinstance(y, torch.Tensor) and (y.shape, y.dtype) == (images.shape, images.dtype):
            return tensor(y, images, "the result")
        own = chain(module, images, options)
        if own is None or not isinstance(y, torch.Tensor) or (y.shape, y.dtype) != (own.shape, own.dtype):
            return tensor(y, images, "the result")
        if own.shape != images.shape and (is_still(y, own) or any(not is_still(augment(images), y) for _ in range(4))):
            return None
        return tensor(y.to(images.dtype), images, "the result")

    return read


@pytest.fixture
def needs_change(is_still):
    """needs_change(module, images): Augment changes images at random, for what never does is right by no merit."""

    def judge(module, images):
        augment = module.Augment(**ALL)
        calls = [augment(images) for _ in range(4)]
        expect(not all(is_still(y, images) for y in calls), "nothing is changed in training")
        others = [y for y in calls[1:] if isinstance(y, torch.Tensor)]
        expect(any(not is_still(calls[0], y) for y in others), "every call gives the same images")

    return judge


@part("augment")
@weight(2)
def test_augment_in_evaluation(student, images, tensor, is_still, needs_change):
    """Augment leaves images as they are in evaluation."""

    def body(module):
        augment = module.Augment(**ALL)
        augment.eval()
        y = tensor(augment(images), images, "the result")
        if not torch.equal(y, images):
            augment.train()
            expect(not is_still(augment(images), images), "images are changed in evaluation, and not in training")
            expect(False, "images are changed in evaluation")
        needs_change(module, images)

    experiment(student, body)


@part("augment")
@weight(0.5)
def test_augment_in_training(student, images, augmented, is_still):
    """Augment starts in training, and takes it up again after an evaluation."""

    def body(module):
        augment = module.Augment(**ALL)
        first = augmented(module, augment, images, ALL)
        augment.eval()
        evaluated = augment(images)
        augment.train()
        second = augmented(module, augment, images, ALL)
        if first is not None and is_still(first, images):
            expect(is_still(evaluated, images), "a new module changes images in evaluation, and not in training")
            expect(False, "a new module changes nothing")
        expect(second is None or not is_still(second, images), "nothing is changed after eval() and train()")

    experiment(student, body)


@part("augment")
@weight(1)
def test_all_off(student, images, augmented, is_still, needs_change):
    """Augment changes nothing where all of its options are 0."""

    def body(module):
        y = augmented(module, module.Augment(**OFF), images, OFF)
        if y is not None and not is_still(y, images):
            own = chain(module, images, OFF)
            expect(own is not None and not is_still(own, images), "images are changed though all options are 0")
        needs_change(module, images)

    experiment(student, body)


@part("augment")
@weight(0.5)
@pytest.mark.parametrize("option", OWN)
def test_option(student, images, augmented, is_still, needs_change, option):
    """Augment does what each option asks for, by itself."""
    options = OFF | {option: OWN[option][1]}

    def body(module):
        for _ in range(4):  # a crop at one place for all images, another part's loss, now and then changes nothing
            y = augmented(module, module.Augment(**options), images, options)
            if y is None:
                needs_change(module, images)
                return
            if not is_still(y, images):
                break
        if option == "flip" and is_still(y, images.flip(3)):
            return
        own = chain(module, images, options)
        needs_change(module, images)
        if option == "flip" and own is not None and not is_still(own, images.flip(3)):
            return
        if is_still(y, images):
            expect(own is not None and is_still(own, images), f"{option} alone changes nothing")
        expect(option != "flip", "flip = 1 does not mirror the images")

    experiment(student, body)


@part("augment")
@weight(0.5)
def test_augment_draws_anew(student, images, augmented, is_still):
    """Augment draws anew at each call."""

    def body(module):
        augment = module.Augment(**ALL)
        one, other = (augmented(module, augment, images, ALL) for _ in range(2))
        if one is not None and other is not None:
            expect(not is_still(one, images), "nothing is changed in training")
            expect(not is_still(one, other), "every call gives the same images")

    experiment(student, body)


@part("augment")
@weight(1)
@visibility("after_due_date")
def test_cast_comes_last(student, augmented, needs_change, is_still):
    """Augment casts its colours last: what came in from outside of the image gets them too."""
    black = torch.zeros(8, 3, 5, 7, dtype=torch.float64)
    options = ALL | {"strength": 0.5}

    def body(module):
        y = augmented(module, module.Augment(**options), black, options)
        if y is not None and not is_even(y):
            own = chain(module, black, options)
            expect(own is not None and not is_even(own), "the colour cast does not reach all of the image")
        if y is not None and is_still(y, black):
            needs_change(module, black + 1)

    experiment(student, body)


def is_even(images):
    """Whether each channel of each image has one colour."""
    return bool(((images - images[..., :1, :1]).abs() <= 1e-9).all())


# ------------------------------------------------------------------------------------------------------------ batches


@pytest.fixture
def samples(draws):
    """50 images whose number stands in every pixel; their labels are 3 times that."""
    numbers = torch.arange(50)
    return draws.remember(lambda: (numbers.double()[:, None, None, None].expand(-1, 2, 3, 4).contiguous(), 3 * numbers))


@pytest.fixture
def epoch(samples):
    """epoch(module, batch_size): the numbers of the images, and the labels, batch by batch."""
    images, _ = samples

    def read(module, batch_size):
        answer = module.shuffled_batches(*samples, batch_size)
        expect(isinstance(answer, tuple | list), f"the result is {kind(answer)}; a list of batches is asked for")
        expect(len(answer) > 0, "there are no batches")
        found = []
        for batch in answer:
            pair = (
                isinstance(batch, tuple | list) and len(batch) == 2 and all(isinstance(b, torch.Tensor) for b in batch)
            )
            expect(pair, "a batch is not a tuple (images, labels) of tensors")
            some, labels = batch
            expect(some.shape[1:] == images.shape[1:], "the images of a batch are not (N, C, H, W)")
            expect(labels.shape == some.shape[:1], "the labels of a batch are not (N,)")
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
        expect(not torch.equal(numbers, numbers.sort().values), "the samples come in their old order")

    experiment(student, body)


@part("batches")
@weight(1.5)
def test_everyone_once(student, epoch):
    """shuffled_batches gives each sample once, those that are left over too."""

    def body(module):
        numbers = torch.cat([numbers for numbers, _ in epoch(module, 8)])
        expect(len(numbers) != 48, "the samples that do not fill a batch are missing")
        expect(len(numbers) == 50, "there are not as many samples as before")
        expect(len(numbers.unique()) == 50, "some samples come several times, others never")

    experiment(student, body)


@part("batches")
@weight(0.5)
def test_sizes(student, epoch):
    """shuffled_batches fills every batch but the last."""

    def body(module):
        for size in (8, 25, 64):
            sizes = [len(numbers) for numbers, _ in epoch(module, size)]
            is_full = sum(one == size for one in sizes) >= len(sizes) - 1
            expect(is_full, "several batches have another size than batch_size")
            expect(all(one == size for one in sizes[:-1]), "the batch that is not full is not the last one")
            expect(sizes[-1] <= size, "the last batch is too large")

    experiment(student, body)


@part("batches")
@weight(1.5)
def test_order(student, epoch):
    """shuffled_batches mixes all samples, anew for each epoch."""

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

    experiment(student, body)


@part("batches")
@weight(0.25)
@visibility("after_due_date")
def test_batches_refuse(student, samples):
    """shuffled_batches refuses a batch size below 1 with ValueError."""
    experiment(student, lambda module: raises(module.shuffled_batches, "ValueError", *samples, 0))


@part("batches")
@weight(0.25)
def test_batches_leave_samples(student, samples):
    """shuffled_batches leaves images and labels as they were."""
    experiment(student, lambda module: leaves_inputs_alone(module.shuffled_batches, *samples, 7))
