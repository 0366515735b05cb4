"""Inputs for these functions, drawn from what the handout allows. A `draw` gives random sizes and values.

Nobody knows what another's function draws at random. So where there is chance, an experiment returns no numbers of
chance: it says of the answer what the handout says, and how often things happen by bounds that no luck misses.
"""

import math
from itertools import pairwise

import torch

DRAWS = 400  # a share of them is off by 0.25 once in 10²⁰ tries


def _images(draw, n=None):
    return draw.tensor(n or draw.size(), draw.size(1, 3), draw.size(), draw.size(), dtype=draw.dtype())


def _p(draw):
    return draw.one_of(0.0, 1.0, 0.5, draw.number(0, 1), draw.number(0, 1))


def _network(draw, most=3):
    """x and layers with at most eight hidden units."""
    dtype = draw.dtype()
    sizes = [draw.size(), *(draw.size(1, most) for _ in range(draw.whole(0, 2))), draw.size()]
    layers = [(draw.tensor(a, b, dtype=dtype), draw.tensor(b, dtype=dtype)) for a, b in pairwise(sizes)]
    return draw.tensor(draw.size(), sizes[0], dtype=dtype), layers


def _is_about(chosen, share):
    """Whether about this share of them is true, and in both halves."""
    halves = chosen.flatten().double().chunk(2)
    return all(abs(float(half.mean()) - share) < 0.25 for half in halves)


def _are_apart(chosen):
    """Whether decisions differ from their neighbours' along each axis."""
    return [bool((chosen.diff(dim=axis) != 0).any()) for axis in range(chosen.ndim) if chosen.shape[axis] > 20]


def _kept(y, x, p):
    """Which elements were kept, and whether each is 0 or x / (1 − p)."""
    wanted = x / (1 - p) if p < 1 else x * 0
    is_kept = (y - wanted).abs() <= 1e-5 * wanted.abs()
    return is_kept & (y != 0), y.shape, y.dtype, bool((is_kept | (y == 0)).all())


# ------------------------------------------------------------------------------------------------------------ dropout


def dropout_backward(draw):
    shape = [draw.size() for _ in range(draw.whole(1, 4))]
    dout, p = draw.tensor(*shape, dtype=draw.dtype()), _p(draw)
    mask = draw.tensor(*shape) > 0 if 0 < p < 1 else torch.full(shape, p == 0)
    return draw.call(dout, mask, p)


def dropout_without_chance(draw, hw):
    """Evaluation, and p = 0 or 1: errors, the input as it was, and a mask for each element."""
    x = draw.tensor(*(draw.size() for _ in range(draw.whole(1, 4))), dtype=draw.dtype())
    if draw.flag():
        answer = hw.dropout_forward(x, draw.one_of(-1e-9, 0.0, 0.4, 1.0, 1 + 1e-9, draw.number(-1, 2)), False)
    else:
        options = {"training": True} if draw.flag() else {}
        answer = hw.dropout_forward(x, p=draw.one_of(-1e-9, 0.0, 1.0, 1 + 1e-9), **options)
    return answer, x


def dropout_forward(draw):
    """As above, in one call."""
    x = draw.tensor(*(draw.size() for _ in range(draw.whole(1, 4))), dtype=draw.dtype())
    if draw.flag():
        return draw.call(x, draw.one_of(-1.0, 0.0, 0.5, 1.0, 2.0), False)
    return draw.call(x, draw.one_of(-1.0, 0.0, 1.0, 2.0))


def dropout_evaluated(draw):
    x = draw.tensor(*(draw.size() for _ in range(draw.whole(1, 3))), dtype=draw.dtype())
    return draw.ask("probes.evaluated", "Dropout", x, draw.one_of({}, {"p": draw.one_of(0.5, 0.0, -1.0, 2.0)}))


def dropout_with_chance(draw, hw):
    """Shares and independence, and that a mask is that of its y."""
    x, p = draw.tensor(25, 4, 2, 2, dtype=draw.dtype()), draw.number(0.3, 0.7)
    before = x.clone()
    seen = []
    for _ in range(2):
        y, mask = hw.dropout_forward(x, p)
        kept, *form = _kept(y, x, p)
        seen += [form, mask.dtype, mask.shape, torch.equal(mask & (x != 0), kept), _is_about(mask, 1 - p)]
        seen += [_are_apart(mask), torch.equal(x, before)]
    return seen, torch.equal(mask, hw.dropout_forward(x, p)[1])


def dropout_module(draw, hw):
    """Two steps of training, evaluation, training again, and the state."""
    options = draw.one_of({}, {"p": draw.number(0.3, 0.7)}, {"p": draw.one_of(-1e-9, 0.0, 1.0, 1 + 1e-9)})
    made = hw.Dropout(**options)
    x = torch.ones(20, 5, 4, dtype=draw.dtype())
    seen, masks = [made.p, made.training, list(made.state_dict()), isinstance(made, torch.nn.Module)], []
    for training in (True, True, False, True):
        made.train(training)
        kept, *form = _kept(made(x), x, made.p if training else 0.0)
        masks.append(kept)
        seen += [form, _is_about(kept, 1 - made.p if training else 1)]
    return seen, torch.equal(masks[0], masks[1]), torch.equal(masks[0], masks[3]), list(made.state_dict())


# ------------------------------------------------------------------------------------------ exponentially many networks


def predict(draw):
    return draw.call(*_network(draw))


def exact_ensemble(draw):
    return draw.call(*_network(draw), draw.one_of(0.0, 0.5, draw.number(0, 0.95)))


def sampled_without_chance(draw, hw):
    """With p = 0, or without hidden layers."""
    x, layers = _network(draw)
    p = draw.number(0, 0.9) if len(layers) == 1 else 0.0
    return hw.sampled_ensemble(x, layers, p, n_samples=draw.size(1, 3)), x, layers


def sampled_ensemble(draw):
    x, layers = _network(draw)
    return draw.call(x, layers, 0.5 if len(layers) == 1 else 0.0, draw.size(1, 3))


def sampled_with_chance(draw, hw):
    """A network that hands 1 on: the output counts in how many samples a unit was kept in all layers."""
    units, hidden, samples, p = 5, draw.whole(1, 2), draw.size(1, 5), draw.number(0.3, 0.6)
    eye, zero = torch.eye(units, dtype=torch.float64), torch.zeros(units, dtype=torch.float64)
    x = torch.ones(80, units, dtype=torch.float64)
    y = hw.sampled_ensemble(x, [(eye, zero)] * (hidden + 1), p, samples)
    counts = y * samples * (1 - p) ** hidden
    is_whole = bool(((counts - counts.round()).abs() < 1e-6).all())
    mean = abs(float(y.mean()) - 1) < 8 * math.sqrt(((1 - p) ** -hidden - 1) / (samples * DRAWS))
    return y.shape, y.dtype, is_whole, bool((counts > -1e-6).all()), mean, _are_apart(counts.round()), y.max() > 1


# -------------------------------------------------------------------------------------------------- data augmentation


def augmentation_without_chance(draw, hw):
    """Options of 0 (and flips by 1), and errors at their edges."""
    x = _images(draw)
    call, options = draw.one_of(
        (hw.random_horizontal_flip, (-1e-9, 0.0, 1.0, 1 + 1e-9)),
        (hw.random_crop, (-1, 0)),
        (hw.color_cast, (-1e-9, 0.0)),
        (hw.random_rotation, (-1e-9, 0.0)),
    )
    return call(x, draw.one_of(*options)), x


def random_horizontal_flip(draw):
    return draw.call(_images(draw), draw.one_of(-1.0, 0.0, 1.0, 2.0))


def random_crop(draw):
    return draw.call(_images(draw), draw.one_of(-1, 0))


def color_cast(draw):
    return draw.call(_images(draw), draw.one_of(-1.0, 0.0))


def random_rotation(draw):
    return draw.call(_images(draw), draw.one_of(-1.0, 0.0))


def augment_evaluated(draw):
    options = {"flip": 1.0, "pad": 1, "max_degrees": 90.0, "strength": 1.0}
    return draw.ask("probes.evaluated", "Augment", _images(draw), draw.one_of({}, options))


def augment_without_chance(draw):
    options = {"flip": draw.one_of(0.0, 1.0), "pad": 0, "max_degrees": 0.0, "strength": 0.0}
    return draw.ask("probes.trained_once", "Augment", _images(draw), options)


def flips(draw, hw):
    """Each image as it is or mirrored, for the options or the default."""
    x, p = _images(draw, DRAWS), draw.one_of(0.5, draw.number(0.3, 0.7))
    before = x.clone()
    y = hw.random_horizontal_flip(x) if p == 0.5 else hw.random_horizontal_flip(x, p=p)
    same, mirrored = ((y == one).flatten(1).all(1) for one in (x, x.flip(3)))
    is_plain = not bool((mirrored & same).any())
    share = (_is_about(mirrored, p), _are_apart(mirrored)) if is_plain else ()
    return y.shape, y.dtype, bool((same | mirrored).all()), share, torch.equal(x, before)


def crops(draw, hw):
    """Which window each image is."""
    h, w, pad = draw.size(), draw.size(), 1
    x = torch.arange(1.0, 1 + h * w).reshape(h, w).expand(DRAWS, 2, h, w).to(draw.dtype()).contiguous()
    before = x.clone()
    y = hw.random_crop(x, pad)
    padded = torch.nn.functional.pad(x[0], [pad] * 4)
    side = 2 * pad + 1
    windows = torch.stack([padded[:, i : i + h, j : j + w] for i in range(side) for j in range(side)])
    matches = (y[:, None] == windows).flatten(2).all(2)
    return y.shape, y.dtype, bool(matches.any(1).all()), matches.any(0), torch.equal(x, before)


def casts(draw, hw):
    """One number per channel of each image, evenly spread."""
    x, strength = _images(draw, DRAWS), draw.number(0.01, 2)
    y = hw.color_cast(x, strength)
    added = (y - x).double()
    one = added[:, :, :1, :1]
    tiny = 1e-6 * (strength + float(x.abs().max()))
    is_one = bool(((added - one).abs() <= tiny).all()), bool((one.abs() <= strength + tiny).all())
    values = one[:, :, 0, 0]
    shares = [_is_about(values > edge * strength, (1 - edge) / 2) for edge in (-0.5, 0.0, 0.5)]
    return (
        y.shape,
        y.dtype,
        is_one,
        shares,
        [bool((values.diff(dim=k) != 0).any()) for k in (0, 1) if values.shape[k] > 1],
    )


def rotate(draw):
    x = _images(draw)
    degrees = draw.one_of(10.0, 90.0, 400.0) * draw.tensor(len(x), dtype=x.dtype)
    return draw.call(x, degrees.remainder(720) - 360)


def rotations(draw, hw):
    """The angles: a ramp to the right and one downwards show them, beside the centre."""
    most = draw.one_of(0.5, 20.0, 90.0, 180.0)
    ramp = torch.arange(-1.0, 2.0, dtype=torch.float64)
    x = torch.stack([ramp.expand(3, 3), ramp[:, None].expand(3, 3)]).repeat(DRAWS, 1, 1, 1)
    y = hw.random_rotation(x, most)
    angles = torch.rad2deg(torch.atan2(y[:, 1, 1, 2], y[:, 0, 1, 2]))
    shares = [_is_about(angles > edge * most, (1 - edge) / 2) for edge in (-0.5, 0.0, 0.5)]
    return y.shape, y.dtype, bool((angles.abs() <= most * 1.001).all()), shares, bool((angles.diff() != 0).any())


def augment_module(draw, hw):
    """What each step did to ramps, for options by name, by position and by default; then evaluation."""
    options = {"flip": draw.one_of(0.0, 1.0), "pad": draw.whole(0, 2), "max_degrees": draw.one_of(0.0, 20.0)}
    options["strength"] = draw.one_of(0.0, 0.2)
    made = draw.one_of(hw.Augment(), hw.Augment(**options), hw.Augment(*options.values()))
    ramp = torch.arange(-3.0, 4.0, dtype=draw.dtype())
    x = torch.stack([ramp.expand(7, 7), ramp[:, None].expand(7, 7)]).repeat(100, 1, 1, 1)
    y = made(x)
    centre, beside = y[:, :, 3, 3], y[:, :, 3, 4] - y[:, :, 3, 3]
    mirrored = (beside[:, 0] < 0).double()
    angles = torch.rad2deg(torch.asin((beside[:, 1]).clamp(-1, 1)))
    places, casts = centre.round(), centre - centre.round()
    seen = [places.unique(), mirrored.mean() > 0.2, mirrored.mean() < 0.8]
    for values, edges in ((angles, (0.01, 3, 10.01, 20.01)), (casts, (1e-4, 0.03, 0.1001, 0.2001))):
        seen += [bool((values.abs() > edge).any()) for edge in edges]
        seen += [bool((values < -1e-4).any()), bool((values > 1e-4).any()), bool((values != values[0]).any())]
    again = bool(((y - made(x)).abs() < 1e-5).all())
    made.eval()
    return y.shape, y.dtype, seen, again, made(x), made.training, bool(((made.train()(x) - x).abs() < 1e-5).all())


# ------------------------------------------------------------------------------------------------------------ batches


def shuffled_batches(draw, hw):
    """Sizes, each sample once with its label, and their order."""
    n, size = draw.size(1, 60), draw.one_of(-1, 0, 1, 2, 7, 60, 61)
    numbers = torch.arange(n)
    images = numbers.to(draw.dtype())[:, None, None, None].expand(n, draw.size(), draw.size(), draw.size()).contiguous()
    batches = hw.shuffled_batches(images, 3 * numbers, size)
    seen = torch.cat([some[:, 0, 0, 0] for some, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    form = [(type(one), len(one), one[0].shape, one[0].dtype, one[1].shape, one[1].dtype) for one in batches]
    is_whole = [bool((some == some[:, :1, :1, :1]).all()) for some, _ in batches]
    is_mixed = n < 20 or not torch.equal(seen, seen.sort().values)
    return form, is_whole, seen.sort().values, torch.equal(labels, 3 * seen.long()), is_mixed, images, numbers
