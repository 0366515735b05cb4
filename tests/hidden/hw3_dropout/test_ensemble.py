"""Part `ensemble`."""

import math
from itertools import pairwise

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, experiment, part

SMALL = (1, (4, 3, 2)), (3, (1, 2)), (5, (3, 1, 2)), (4, (3, 2, 1)), (3, (3, 3, 3))  # rows, and a network's sizes
MANY = 1501  # samples; no share of a rounder number of them is one of theirs
ROWS, UNITS = 63, 53  # 3,339 units: no share of them is exactly one that is tested


@pytest.fixture
def network(draws):
    """network(4, 3, 2): the layers of a network with 4 inputs, 3 hidden units and 2 outputs."""

    def draw(*sizes, dtype=torch.float64):
        return [(draws.normal(*pair, dtype=dtype), draws.normal(pair[1], dtype=dtype)) for pair in pairwise(sizes)]

    return draw


@pytest.fixture
def open_network(draws):
    """open_network(k): x, h and a network of k hidden layers that hand h = x + b > 0 on: its output shows their masks."""

    def make(hidden):
        eye, zero = torch.eye(UNITS, dtype=torch.float64), torch.zeros(UNITS, dtype=torch.float64)
        x, b = draws.remember(lambda: (draws.normal(ROWS, UNITS).abs() + 0.5, draws.normal(UNITS).abs() + 0.5))
        return x, x + b, [(eye, b)] + [(eye, zero)] * hidden

    return make


@part("ensemble")
@weight(2)
def test_predict(student, reference, draws, network):
    """predict runs the whole network, and another one of the same sizes."""
    for scale in (1, 1e3, 0):
        agree(student.predict, reference.predict, scale * draws.normal(5, 4), network(4, 6, 3, 2))


@part("ensemble")
@weight(0.5)
def test_predict_with_one_layer(student, reference, draws, network):
    """predict of a network without hidden layers is linear, and one row or one unit is enough."""
    agree(student.predict, reference.predict, draws.normal(5, 4), network(4, 2))
    for n, sizes in SMALL:
        agree(student.predict, reference.predict, draws.normal(n, sizes[0]), network(*sizes))


@part("ensemble")
@weight(0.5)
def test_predict_in_float32(student, reference, draws, network):
    """predict works in float32."""
    f32 = {"dtype": torch.float32}
    agree(student.predict, reference.predict, draws.normal(5, 4, **f32), network(4, 3, 3, **f32))


# Units of the second hidden layer that are always open, or never, are linear, and so the mean is the whole network's
# output: with four of them and twelve inputs that happens to all in both checks once in some 50,000 runs.
@part("ensemble")
@weight(3)
def test_exact_ensemble(student, reference, draws, network):
    """exact_ensemble averages all thinned networks, by their probabilities."""
    agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(12, 4), network(4, 3, 4, 2), 0.3)


@part("ensemble")
@weight(0.5)
def test_exact_ensemble_of_one_hidden_layer(student, reference, draws, network):
    """exact_ensemble of one hidden layer is the whole network's output, whatever p is."""
    for p in (0.7, 0.98):
        agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(3, 4), network(4, 5, 2), p)


@part("ensemble")
@weight(0.5)
@visibility("after_due_date")
def test_exact_ensemble_of_any_network(student, reference, draws, network):
    """exact_ensemble takes p = 0, no hidden layer and three of them, one row, one unit, and float32."""
    agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(3, 4), network(4, 3, 2), 0.0)
    agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(3, 4), network(4, 2), 0.3)
    agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(3, 4), network(4, 3, 3, 2, 2), 0.4)
    for n, sizes in SMALL:
        agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(n, sizes[0]), network(*sizes), 0.3)
    f32 = {"dtype": torch.float32}
    agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(3, 4, **f32), network(4, 3, 2, **f32), 0.3)


@part("ensemble")
@weight(1)
@visibility("after_due_date")
def test_exact_ensemble_at_even_odds(student, reference, draws, network):
    """exact_ensemble gives all networks the same weight with p = 0.5."""
    for _ in range(2):
        agree(student.exact_ensemble, reference.exact_ensemble, draws.normal(12, 2), network(2, 3, 4, 3), 0.5)


def have_one_mask(y):
    """Whether chance decided on UNITS only, another check's business: of so few, any share may be kept."""
    kept = y != 0
    return bool(kept.any()) and not bool(kept.all()) and bool((kept == kept[0]).all())


@pytest.fixture
def unless_wired(reference, draws, network, attempt, same, unless, forward_works):
    """`with unless_wired(module):` passes what is wrong inside of it, if dropout_forward is wrong, and sampled_ensemble
    right with another that stands in for it.
    """
    arguments = (draws.normal(5, 4), network(4, 6, 3, 2), 0.3, 3)

    def excuse(module):
        def is_wired():
            if forward_works(module):
                return False
            return same(attempt(module.probes.wired_ensemble, *arguments), reference.probes.wired_ensemble(*arguments))

        return unless(is_wired)

    return excuse


@part("ensemble")
@weight(2)
def test_one_sample(student, open_network, tensor, traits, unless_wired):
    """sampled_ensemble drops hidden units and scales what it keeps."""
    x, h, layers = open_network(1)

    def body(module):
        with unless_wired(module):
            y = tensor(module.sampled_ensemble(x, layers, 0.32, 1), h, "the result")
            found = traits(y, h, 0.32)
            share = "" if have_one_mask(y) else found.share
            expect(not found.scale and not share, "; ".join(filter(None, (found.scale, share))))

    experiment(student, body)


@part("ensemble")
@weight(1)
def test_samples_differ(student, open_network, tensor, unless_wired):
    """sampled_ensemble draws new masks for every sample and for every row of x."""
    x, h, layers = open_network(1)

    def body(module):
        with unless_wired(module):
            y = tensor(module.sampled_ensemble(x, layers, 0.5, 2), h, "the result") / h
            levels = (y / (y.max() or 1) * 2).round()  # in how many samples of the two a unit was kept
            if not bool((levels != levels[0]).any()) or not bool((levels == 1).any()):
                expect(not bool((levels == 2).all()), "no unit is dropped")
                expect(bool((levels != levels[0]).any()), "all rows of x have the same masks")
                expect(False, "all samples have the same masks")

    experiment(student, body)


@part("ensemble")
@weight(1)
def test_layers_differ(student, open_network, tensor, unless_wired, is_likely):
    """sampled_ensemble draws a mask for each layer, and averages the outputs."""
    x, h, layers = open_network(2)

    def body(module):
        with unless_wired(module):
            kept_of = tensor(module.sampled_ensemble(x, layers, 0.5, 1), h, "the result") / h
            kept = kept_of != 0
            if not have_one_mask(kept):
                about = round(10 * float(kept.double().mean())) * 10
                message = f"about {about}% of the paths through two hidden layers are kept, not a quarter of them"
                is_scaled_once = bool((kept_of.max() - 2).abs() < 1e-6)
                message += ", and scaled by one of the layers only" if is_scaled_once else ""
                expect(is_likely(int(kept.sum()), kept.numel(), 0.25), message)
            y = tensor(module.sampled_ensemble(x, layers, 0.5, 2), h, "the result") / h
            quarters = y / (y.max() or 1) * 4  # of two samples, each 0 or 1: the mean is 0, 2/4 or 4/4
            is_level = bool(((quarters - quarters.round()).abs() < 1e-6).all())
            expect(is_level, "what is kept is not hidden units, all scaled alike")
            expect(not bool((quarters.round() == 1).any()), "the masks are averaged; the outputs are to be")

    experiment(student, body)


@part("ensemble")
@weight(1)
def test_nothing_to_drop(student, reference, draws, network, tensor, same, unless_wired):
    """sampled_ensemble is the whole network's output with p = 0, and without hidden layers."""
    x, layers = draws.normal(5, 4), network(4, 6, 3, 2)
    whole = reference.predict(x, layers)
    f32 = {"dtype": torch.float32}
    others = [(draws.normal(5, 4), network(4, 6, 3, 2), 0.0), (draws.normal(3, 4), network(4, 2), 0.3)]
    others += [(draws.normal(n, sizes[0]), network(*sizes), 0.0) for n, sizes in SMALL]
    others += [(draws.normal(5, 4, **f32), network(4, 3, 2, **f32), 0.0)]

    def body(module):
        with unless_wired(module):
            y = tensor(module.sampled_ensemble(x, layers, 0.0, 3), whole, "the result")
            if not same(y, whole):
                expect(not same(y, whole * 3), "the outputs are added up; their mean is asked for")
                expect(not same(y, whole.relu()), "the output is not that of the network, but its ReLU")
                expect(False, "the output is not that of the network")
            for other, another, p in others:
                expected = reference.predict(other, another)
                y = tensor(module.sampled_ensemble(other, another, p, n_samples=2), expected, "the result")
                expect(same(y, expected), "the output is not that of another network")

    experiment(student, body)


@part("ensemble")
@weight(1)
@visibility("after_due_date")
def test_many_samples(student, reference, draws, network, open_network, tensor, is_still, unless_wired, is_likely):
    """sampled_ensemble comes close to the mean over all networks with many samples, and draws all of them."""
    x = draws.normal(3, 4)
    (w, b), (v, c) = network(4, 16, 3)
    layers, samples = [(w, b), (v.abs(), c)], 200
    whole = reference.predict(x, layers)
    # Hoeffding: each sample's output is a sum of independent numbers from {0, h v / (1 − p)}.
    reach = ((x @ w + b).relu()[:, :, None] * v.abs()).square().sum(1).sqrt() / 0.7
    allowed = reach * math.sqrt(math.log(2e11) / (2 * samples)) + 1e-9
    rows, heights, unit = open_network(1)
    row, height = draws.remember(lambda: (rows[:1].clone(), heights[:1].clone()))

    def body(module):
        with unless_wired(module):
            y = tensor(module.sampled_ensemble(x, layers, 0.3, samples), whole, "the result")
            expect(bool(((y - whole).abs() <= allowed).all()), "the mean of many samples is off")
            is_whole = bool(reach.any()) and is_still(y, whole)  # without an open unit, there is nothing to drop
            expect(not is_whole, "the samples are the whole network")
            y = tensor(module.sampled_ensemble(row, unit, 0.5, n_samples=MANY), height, "the result")
            counts = y / height * MANY / 2  # in how many samples each unit was kept
            is_whole = bool(((counts - counts.round()).abs() < 1e-3).all())
            expect(is_whole, "the result is not the mean of as many samples as are asked for")
            expect(
                is_likely(round(float(counts.sum())), MANY * UNITS, 0.5), "units are not kept with probability 1 − p"
            )

    experiment(student, body)
