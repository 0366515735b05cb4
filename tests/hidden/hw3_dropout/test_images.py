"""Parts `flip`, `crop`, `color` and `rotate`: what was drawn is read off the images."""

import pytest
import torch
import torch.nn.functional as F
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, experiment, leaves_inputs_alone, part, raises

PAD = 2
SHIFTS = 2 * PAD + 1


@pytest.fixture
def images(draws):
    """images(3, 2, 4, 5): every pixel another number."""
    return draws.normal


def shapes_of_one(images):
    """One image, one channel, one row, one column, square ones, and as many of each."""
    shapes = (1, 2, 3, 4), (4, 1, 3, 4), (4, 2, 1, 4), (4, 2, 4, 1), (4, 2, 4, 4), (4, 4, 4, 4)
    return [images(*shape) for shape in shapes]


def each(condition):
    """Which images fulfil it in all of their pixels."""
    return condition.flatten(1).all(1)


@pytest.fixture
def in_quarters(is_likely):
    """in_quarters(values, largest): whether as many values lie in each quarter of [−largest, largest] as should."""

    def are(values, largest):
        quarters = ((values / largest + 1) * 2).floor().clamp(0, 3).long().bincount(minlength=4)
        n, outer = values.numel(), int(quarters[0] + quarters[3])
        return all(is_likely(int(count), n, 0.25) for count in quarters) and is_likely(outer, n, 0.5)

    return are


# --------------------------------------------------------------------------------------------------------------- flip


@part("flip")
@weight(2.5)
def test_mirror_images(student, images, tensor):
    """random_horizontal_flip gives each image as it is or mirrored left to right."""
    x = images(60, 3, 4, 5)

    def body(module):
        y = tensor(module.random_horizontal_flip(x, 0.5), x, "the result")
        same, mirrored = y == x, y == x.flip(3)
        is_fine = each(same) | each(mirrored)
        if not bool(is_fine.all()):
            expect(not bool((is_fine | each(y == x.flip(2))).all()), "images are turned upside down")
            expect(not bool((is_fine | each(y == x.flip(1))).all()), "the channels are turned around")
            whole_channels = same.all((2, 3)) | mirrored.all((2, 3))
            expect(not bool(whole_channels.all()), "some channels of an image are mirrored, others not")
            whole_rows = same.all(3) | mirrored.all(3)
            expect(not bool(whole_rows.all()), "some rows of an image are mirrored, others not")
            is_half_turn = bool((is_fine | each(y == x.flip(2, 3))).all())
            expect(not is_half_turn, "images are turned by half a turn")
            expect(bool(is_fine.any()), "no image is itself or its mirror image")
            expect(False, "some images are neither themselves nor their mirror image")
        seen = []
        for _ in range(40):  # one decision for a whole batch is another check's business
            seen.append(each(y == x))
            if len(torch.cat(seen).unique()) == 2:
                return
            y = tensor(module.random_horizontal_flip(x, 0.5), x, "the result")
        expect(not bool(seen[0].all()), "no image is ever mirrored")
        expect(False, "all images are always mirrored")

    experiment(student, body)


@part("flip")
@weight(0.5)
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_never_and_always(student, reference, images, needs_change, p):
    """random_horizontal_flip mirrors no image with p = 0, and all with p = 1."""
    x = images(60, 2, 3, 4)
    agree(student.random_horizontal_flip, reference.random_horizontal_flip, x, p)
    for few in (*shapes_of_one(images), images(3, 2, 3, 4, dtype=torch.float32)):
        agree(student.random_horizontal_flip, reference.random_horizontal_flip, few, p=p)
    experiment(student, lambda module: needs_change(x, module.random_horizontal_flip, 0.5))


@part("flip")
@weight(1.5)
def test_share_of_flips(student, images, tensor, is_likely):
    """random_horizontal_flip changes an image with probability p."""
    x = images(20_000, 1, 1, 2)

    def body(module):
        changed = ~each(tensor(module.random_horizontal_flip(x, 0.34), x, "the result") == x)
        about = round(10 * float(changed.double().mean())) * 10
        right = is_likely(int(changed.sum()), len(x), 0.34)
        expect(right or 0 < about < 100, "either all images change, or none")
        expect(right, f"about {about}% of the images change with p = 0.34")

    experiment(student, body)


@part("flip")
@weight(0.5)
@visibility("after_due_date")
def test_flips_by_default(student, images, tensor, is_likely):
    """random_horizontal_flip has a p of 0.5 where none is given."""
    x = images(1000, 1, 1, 2)

    def body(module):
        changed = ~each(tensor(module.random_horizontal_flip(x), x, "the result") == x)
        right = is_likely(int(changed.sum()), len(x), 0.5)
        expect(right, f"about {round(10 * float(changed.double().mean())) * 10}% of the images change")

    experiment(student, body)


@part("flip")
@weight(1)
def test_own_flips(student, images, tensor, vary, is_likely):
    """random_horizontal_flip decides on each image by itself, and anew at each call."""
    x = images(30, 1, 1, 3)

    def body(module):
        calls = [~each(tensor(module.random_horizontal_flip(x, 0.5), x, "the result") == x) for _ in range(40)]
        changed = torch.stack(calls)
        expect(bool(changed.any()), "no image ever changes")
        expect(not bool(changed.all()), "every image always changes")
        expect(bool((changed != changed[:, :1]).any()), "all images of a batch are treated alike")
        expect(bool((changed != changed[0]).any()), "every call makes the same decisions")
        per_call, pairs = changed.sum(1), changed.reshape(40, 15, 2)
        expect(bool((per_call != per_call[0]).any()), "equally many images are mirrored in every call")
        expect(vary(per_call, 30, 1), "how many images are mirrored does not vary as chance would have it")
        alike = int((pairs[..., 0] == pairs[..., 1]).sum())
        expect(is_likely(alike, 600, 0.5), "whether an image is mirrored depends on its neighbour")

    experiment(student, body)


@part("flip")
@weight(0.25)
@visibility("after_due_date")
def test_flip_refuses(student, images, tensor):
    """random_horizontal_flip refuses a p outside of [0, 1] with ValueError, and takes 0 and 1."""
    x = images(3, 1, 2, 2)

    def body(module):
        for p in (0.0, 1.0):
            tensor(module.random_horizontal_flip(x, p), x, "the result")
        for p in (-0.5, -1e-9, 1 + 1e-9, 1.25):
            raises(module.random_horizontal_flip, "ValueError", x, p)

    experiment(student, body)


@part("flip")
@weight(0.25)
def test_flip_leaves_images(student, images, needs_change):
    """random_horizontal_flip gives other images, and leaves its own as they were."""
    x = images(3, 1, 2, 4)

    def body(module):
        needs_change(x, module.random_horizontal_flip, 0.5)
        leaves_inputs_alone(module.random_horizontal_flip, x, 1.0)

    experiment(student, body)


# --------------------------------------------------------------------------------------------------------------- crop


def windows(x, pad=PAD, **padding):
    """The (2 · pad + 1)² crops of all images: (number of crops, N, C, H, W)."""
    padded = F.pad(x, (pad, pad, pad, pad), **padding)
    _, _, h, w = x.shape
    places = range(2 * pad + 1)
    return torch.stack([padded[..., i : i + h, j : j + w] for i in places for j in places])


def places(y, crops):
    """The number of the crop that each image is; −1 where it is none."""
    matches = (y == crops).flatten(2).all(2)
    return torch.where(matches.any(0), matches.int().argmax(0), -1)


@part("crop")
@weight(3)
def test_windows(student, images, tensor):
    """random_crop gives a window of each image with zeros around it, whatever the image's size is."""
    x = images(60, 3, 4, 6)
    others = [*shapes_of_one(images), images(3, 2, 4, 5, dtype=torch.float32)]

    def body(module):
        y, crops = tensor(module.random_crop(x, PAD), x, "the result"), windows(x)
        is_fine = places(y, crops) >= 0
        if not bool(is_fine.all()):
            for mode in ("circular", "reflect", "replicate"):
                message = f"the images are surrounded by themselves ({mode} padding), not by zeros"
                expect(not bool((places(y, windows(x, mode=mode)) >= 0).all()), message)
            by_channel = torch.stack([places(y[:, i : i + 1], crops[:, :, i : i + 1]) for i in range(3)])
            expect(not bool((by_channel >= 0).all()), "the channels of an image are cropped at different places")
            expect(False, "the images are not windows of the padded ones")
        seen = []
        for _ in range(40):
            seen.append(places(y, crops))
            if len(torch.cat(seen).unique()) > 1:
                break
            y = tensor(module.random_crop(x, PAD), x, "the result")
        expect(len(torch.cat(seen).unique()) > 1, "all images are always cropped at the same place")
        for other in others:
            crops, is_seen = windows(other, 1), False
            for _ in range(
                40
            ):  # a row is missed each time with a probability of (2/3)⁴⁰, even if all images share a place
                y = tensor(module.random_crop(other, pad=1), other, "the result")
                is_window = bool((places(y, crops) >= 0).all())
                expect(is_window, "images of another size, or with pad = 1, are not windows of the padded ones")
                is_seen = bool((y != 0).any())
                if is_seen:
                    break
            expect(is_seen, "images of another size are always 0")

    experiment(student, body)


@pytest.fixture
def starts(common_draws, tensor):
    """starts(module): rows and columns at which the windows of 1,500 images start, from 0 to 2 · PAD; starts(module,
    3): the same of 300 images with another pad.
    """
    x = common_draws.normal(1500, 1, 3, 4)
    few = common_draws.normal(300, 1, 5, 4)
    crops = common_draws.remember(lambda: {PAD: windows(x), 3: windows(few, 3)})

    def read(module, pad=PAD):
        given = x if pad == PAD else few
        found = places(tensor(module.random_crop(given, pad), given, "the result"), crops[pad])
        found = found[found >= 0]  # another check's business
        expect(len(found) > 0, "no image is a window of the padded one")
        return found // (2 * pad + 1), found % (2 * pad + 1)

    return read


@part("crop")
@weight(2)
def test_every_place(student, starts):
    """random_crop reaches every place of the window."""

    def body(module):
        i, j = starts(module)
        # One of the 25 places stays empty with a probability below 25 · 0.96^1500 = 1e-25.
        if len((i * SHIFTS + j).unique()) < SHIFTS**2:
            rows, columns = i.unique().tolist(), j.unique().tolist()
            expect(len(rows) > 1 or len(columns) > 1, "all images are cropped at the same place")
            expect(not torch.equal(i, j), "windows start in the same row as column")
            expect(len(rows) == SHIFTS, f"windows start in rows {rows} only, with pad = {PAD}")
            expect(len(columns) == SHIFTS, f"windows start in columns {columns} only, with pad = {PAD}")
            expect(False, "not every place is reached")
        # a row or column of seven is missed by 300 images with a probability below 14 · (6/7)^300 = 2e-19
        is_reached = all(len(axis.unique()) == 7 for axis in starts(module, 3))
        expect(is_reached, "not every place is reached with pad = 3")

    experiment(student, body)


@part("crop")
@weight(1.5)
def test_evenly(student, starts, is_likely):
    """random_crop chooses all places equally often."""

    def body(module):
        i, j = starts(module)
        n = len(i)
        is_everywhere = len((i * SHIFTS + j).unique()) == SHIFTS**2
        ends = sum(int(((axis == 0) | (axis == SHIFTS - 1)).sum()) for axis in (i, j))
        is_fine = not is_everywhere or is_likely(ends, 2 * n, 2 / SHIFTS)
        expect(is_fine, "the outermost places are not as frequent as others")
        for name, axis in (("rows", i), ("columns", j)):
            counts = axis.bincount(minlength=SHIFTS).tolist()
            expect(max(counts) < n, "all images are cropped at the same place")
            expect(min(counts) > 0, f"some {name} are never chosen")
            expect(all(is_likely(count, n, 1 / SHIFTS) for count in counts), f"some {name} are chosen more often")
        cells = (i * SHIFTS + j).bincount(minlength=SHIFTS**2).tolist()
        expect(all(is_likely(count, n, SHIFTS**-2) for count in cells), "some places are chosen more often")
        for name, axis in (("rows", i), ("columns", j)):
            even = n // 2 * 2
            alike = int((axis[0:even:2] == axis[1:even:2]).sum())
            expect(is_likely(alike, n // 2, 1 / SHIFTS), f"the {name} of an image depend on its neighbour's")

    experiment(student, body)


@part("crop")
@weight(1)
def test_own_crops(student, images, tensor):
    """random_crop chooses a place for each image, and anew at each call."""
    x = images(200, 1, 5, 6)
    crops = windows(x)

    def body(module):
        calls = torch.stack([places(tensor(module.random_crop(x, PAD), x, "the result"), crops) for _ in range(4)])
        expect(bool((calls != calls[0, 0]).any()), "no image ever comes from another place")
        expect(bool((calls != calls[:, :1]).any()), "all images of a batch are cropped at the same place")
        expect(bool((calls != calls[0]).any()), "every call chooses the same places")

    experiment(student, body)


@part("crop")
@weight(0.5)
def test_no_padding(student, reference, images, needs_change):
    """random_crop without padding gives the images as they are, and others with it."""
    x = images(16, 2, 3, 5)
    for unpadded in (x, *shapes_of_one(images)):
        agree(student.random_crop, reference.random_crop, unpadded, 0)
    experiment(student, lambda module: needs_change(x, module.random_crop, PAD))


@part("crop")
@weight(0.5)
@visibility("after_due_date")
def test_crop_refuses(student, images, tensor):
    """random_crop refuses a negative pad with ValueError, and takes 0."""
    x = images(3, 1, 4, 5)

    def body(module):
        tensor(module.random_crop(x, 0), x, "the result")
        raises(module.random_crop, "ValueError", x, -1)

    experiment(student, body)


@part("crop")
@weight(0.5)
def test_crop_leaves_images(student, images, needs_change):
    """random_crop gives other images, and leaves its own as they were."""
    x = images(16, 1, 3, 4)

    def body(module):
        needs_change(x, module.random_crop, PAD)
        leaves_inputs_alone(module.random_crop, x, PAD)

    experiment(student, body)


# -------------------------------------------------------------------------------------------------------------- color


def _is_constant(values):
    return bool(((values - values[..., :1]).abs() <= 1e-9).all())


FAR = "the pixels of a channel get different numbers, and some of them far beyond ± strength"


def is_far(added, strength):
    """Whether some numbers are no casts at all: what was clipped, say, moved by its distance from there."""
    return bool((added.abs() > 5 * strength).any())


def depend(added):
    """Whether the numbers of an image's three channels have to do with each other, though they differ."""
    is_one = bool(((added - added[:, :1]).abs() <= 1e-9).all())
    return not is_one and bool((added.sum(1).abs() <= 1e-9).all())


SUM = "the numbers of an image add up to 0"


OTHER_STRENGTH = "the numbers are not spread evenly with a small or a large strength"


@pytest.fixture
def casts(draws, tensor):
    """casts(module): what was added to 1,000 images of three channels by color_cast with strength 0.4: (N, 3)."""
    x = draws.normal(1000, 3, 1, 2)

    def read(module, strength=0.4):
        added = (tensor(module.color_cast(x, strength=strength), x, "the result") - x)[:, :, 0]
        if not _is_constant(added):
            expect(not is_far(added, strength), FAR)
            expect(False, "the pixels of a channel get different numbers")
        return added[:, :, 0]

    return read


@part("color")
@weight(2.5)
def test_one_number_per_channel(student, images, tensor):
    """color_cast adds one and the same number to all pixels of a channel."""
    x = images(6, 3, 4, 5)
    others = [(few, 1e-9) for few in shapes_of_one(images)] + [(images(3, 2, 4, 5, dtype=torch.float32), 1e-5)]

    def body(module):
        y = tensor(module.color_cast(x, 0.4), x, "the result")
        added, factor = (y - x).flatten(2), (y / x).flatten(2)
        if not _is_constant(added):
            expect(not _is_constant(factor), "the channels are multiplied by a number")
            inside = (y > 0) & (y < 1)
            is_clipped = bool((y[~inside] == y[~inside].round()).all()) and bool(inside.any())
            expect(not is_clipped, "the result is clipped to [0, 1]")
            expect(not is_far(added, 0.4), FAR)
            expect(not bool((added != 0).all()), "every pixel gets its own number")
            expect(False, "the pixels of a channel get different numbers")
        expect(bool((added != 0).any()), "nothing is added")
        for other, allowed in others:
            more = (tensor(module.color_cast(other, 0.4), other, "the result") - other).flatten(2)
            is_one = bool(((more - more[..., :1]).abs() <= allowed).all())
            expect(is_one, "the pixels of a channel get different numbers in images of another size")
            expect(bool((more != 0).any()), "nothing is added to images of another size")

    experiment(student, body)


@part("color")
@weight(1)
def test_strength(student, casts):
    """color_cast adds numbers from −strength to strength."""

    def body(module):
        added = casts(module)
        expect(not depend(added), SUM)
        expect(bool((added.abs() <= 0.4 + 1e-9).all()), "numbers beyond ± strength are added")
        # All of 3,000 numbers miss a quarter of the range with a probability below 0.75^3000.
        expect(bool(((added - added[0]).abs() > 1e-9).any()), "all images get the same numbers")
        expect(bool((added < 0).any()), "no negative number is ever added")
        expect(bool((added > 0).any()), "no positive number is ever added")
        expect(bool((added < -0.2).any() and (added > 0.2).any()), "no number beyond ± strength / 2 is ever added")

    experiment(student, body)


@part("color")
@weight(1.5)
def test_own_casts(student, casts, is_likely):
    """color_cast draws a number for each channel of each image, and anew at each call."""

    def body(module):
        added, again = casts(module), casts(module)
        expect(bool((added != 0).any()), "nothing is added")
        expect(bool(((added - added[:, :1]).abs() > 1e-9).any()), "all channels of an image get the same number")
        expect(bool(((added - added[:1]).abs() > 1e-9).any()), "all images get the same numbers")
        expect(bool(((added - again).abs() > 1e-9).any()), "every call adds the same numbers")
        expect(not depend(added), SUM)
        for one, other, name in (
            (added[:, 0], added[:, 1], "channels"),
            (added[:, 1], added[:, 2], "channels"),
            (added[::2, 0], added[1::2, 0], "images"),
        ):
            alike = int(((one > 0) == (other > 0)).sum())
            # whether numbers that are all of one sign depend on each other does not show here
            is_even = bool((one > 0).any()) and bool((one < 0).any())
            expect(not is_even or is_likely(alike, len(one), 0.5), f"the numbers of different {name} are alike")

    experiment(student, body)


@part("color")
@weight(0.5)
@visibility("after_due_date")
def test_uniform_casts(student, casts, in_quarters):
    """color_cast draws uniformly."""

    def body(module):
        added = casts(module)
        expect(bool((added != 0).any()), "nothing is added")
        # With equal numbers in an image or in all of them there would be fewer draws than numbers.
        is_own = all(bool(((added - one).abs() > 1e-9).any()) for one in (added[:, :1], added[:1]))
        is_one = bool(((added.abs() - 0.4).abs() < 1e-9).all())
        expect(not (is_own and is_one), "either −strength or strength is added, and nothing between them")
        expect(not depend(added), SUM)
        expect(not is_own or in_quarters(added.flatten(), 0.4), "the numbers are not spread evenly")
        # two of 3,000 numbers from 2²⁴ are equal once in four runs, and 1,000 of them never
        is_fine = not is_own or len(added.unique()) > 2000
        expect(is_fine, "only a few different numbers are ever added")
        for strength in (1e-3, 50.0):
            expect(not is_own or in_quarters(casts(module, strength).flatten(), strength), OTHER_STRENGTH)

    experiment(student, body)


@part("color")
@weight(0.5)
def test_no_cast(student, reference, images, needs_change):
    """color_cast changes nothing with a strength of 0, and something with others."""
    x = images(4, 3, 2, 5)
    for uncast in (x, *shapes_of_one(images)):
        agree(student.color_cast, reference.color_cast, uncast, 0.0)
    experiment(student, lambda module: needs_change(x, module.color_cast, 0.5))


@part("color")
@weight(0.5)
@visibility("after_due_date")
def test_cast_refuses(student, images, tensor):
    """color_cast refuses a negative strength with ValueError, and takes 0."""
    x = images(3, 3, 2, 4)

    def body(module):
        tensor(module.color_cast(x, 0.0), x, "the result")
        for strength in (-0.1, -1e-9):
            raises(module.color_cast, "ValueError", x, strength)

    experiment(student, body)


@part("color")
@weight(0.5)
def test_cast_leaves_images(student, images, needs_change):
    """color_cast gives other images, and leaves its own as they were."""
    x = images(3, 3, 2, 4)

    def body(module):
        needs_change(x, module.color_cast, 0.5)
        leaves_inputs_alone(module.color_cast, x, 0.5)

    experiment(student, body)


# ------------------------------------------------------------------------------------------------------------- rotate

CLOSE = 1e-6  # degrees that went through float32 are fine


@pytest.fixture
def angles(draws):
    """angles(4): four angles, in degrees, between −75 and 75 and not close to 0."""

    def draw(n):
        return draws.remember(lambda: (draws.normal(n).sigmoid() * 60 + 15) * draws.normal(n).sign())

    return draw


@part("rotate")
@weight(1.5)
@pytest.mark.parametrize("case", [(7, 7), (5, 8)], ids=["square", "wide"])
def test_rotate(student, reference, images, angles, case):
    """rotate turns each image about its centre, by its own angle."""
    for scale in (1, 1e-9, 1e3):
        agree(student.rotate, reference.rotate, scale * images(4, 2, *case), angles(4), tolerance=CLOSE)


@part("rotate")
@weight(1)
def test_quarter_turns(student, images):
    """rotate by 180, 90, 270, −90 and 450 degrees moves whole pixels of a square image."""
    turns = (2, 1, 3, -1, 5)
    x, degrees = images(5, 2, 4, 4), 90 * torch.tensor(turns, dtype=torch.float64)

    def turned(x, degrees):
        return torch.stack([image.rot90(k, (1, 2)) for k, image in zip(turns, x, strict=True)])

    agree(student.rotate, turned, x, degrees, tolerance=CLOSE)


@part("rotate")
@weight(0.5)
@visibility("after_due_date")
def test_no_rotation(student, reference, images, angles):
    """rotate by 0 degrees changes nothing, by 180 turns a wide image upside down, and takes images of any size."""
    x, degrees = images(3, 1, 3, 6), torch.tensor([0.0, 180.0, -180.0], dtype=torch.float64)

    def turned(x, degrees):
        return torch.stack([x[0], x[1].flip(1, 2), x[2].flip(1, 2)])

    agree(student.rotate, turned, x, degrees, tolerance=CLOSE)
    for few in shapes_of_one(images):
        agree(student.rotate, reference.rotate, few, angles(len(few)), tolerance=CLOSE)


@part("rotate")
@weight(0.5)
def test_rotate_in_float32(student, reference, draws, images, angles):
    """rotate answers float32 images with float32 images, and takes angles of either dtype."""
    x, degrees = images(3, 2, 6, 4, dtype=torch.float32), draws.remember(lambda: 40 * draws.normal(3).float())
    agree(student.rotate, reference.rotate, x, angles(3), tolerance=1e-4)
    agree(student.rotate, reference.rotate, x, degrees, tolerance=1e-4)
    agree(student.rotate, reference.rotate, images(3, 2, 6, 4), degrees, tolerance=CLOSE)


@part("rotate")
@weight(0.5)
def test_rotate_leaves_images(student, images, angles, needs_change):
    """rotate gives other images, and leaves its arguments as they were."""
    x, degrees = images(3, 1, 4, 5), angles(3)

    def body(module):
        needs_change(x, module.rotate, degrees)
        leaves_inputs_alone(module.rotate, x, degrees)

    experiment(student, body)


def turns(y):
    """By how many degrees images were turned whose channels are each pixel's distances from the centre."""
    side = y.shape[-1]
    from_centre = torch.arange(side, dtype=y.dtype) - (side - 1) / 2
    v, u = torch.meshgrid(from_centre, from_centre, indexing="ij")
    inside = (u.square() + v.square()).sqrt() < side / 2 - 1
    u, v = u[inside], v[inside]
    along_u, along_v = (values / values.square().sum() for values in (u, v))  # slopes of a plane, by least squares
    right, down = y[:, 0, inside], y[:, 1, inside]
    cosine, sine = right @ along_u + down @ along_v, down @ along_u - right @ along_v
    return torch.rad2deg(torch.atan2(sine, cosine))


@pytest.fixture
def drawn_angles(draws, tensor):
    """drawn_angles(module, most): the angles by which random_rotation turned 120 images."""
    side = 7
    from_centre = torch.arange(side, dtype=torch.float64) - (side - 1) / 2
    v, u = torch.meshgrid(from_centre, from_centre, indexing="ij")
    x = torch.stack([u, v, u]).repeat(120, 1, 1, 1)

    def read(module, most):
        y = tensor(module.random_rotation(x, most), x, "the result")
        is_whole = bool(((y[:, 0] - y[:, 2]).abs() <= 1e-6).all())
        expect(is_whole, "the channels of an image are not turned alike")
        read.moves_centre = bool(y[:, :, side // 2, side // 2].abs().max() > 0.1)
        return turns(y)

    return read


@pytest.fixture
def many_angles(draws, tensor):
    """many_angles(module, most): the angles by which random_rotation turned 400 images of 3 × 3 pixels, whose channels
    are a pixel's distances from the centre: the pixel at the right of it shows cosine and sine.
    """
    ramp = torch.arange(-1.0, 2.0, dtype=torch.float64)
    x = draws.remember(lambda: torch.stack([ramp.expand(3, 3), ramp[:, None].expand(3, 3)]).repeat(400, 1, 1, 1))

    def read(module, most):
        y = tensor(module.random_rotation(x, max_degrees=most), x, "the result")
        return torch.rad2deg(torch.atan2(y[:, 1, 1, 2], y[:, 0, 1, 2]))

    return read


@part("rotate")
@weight(1.5)
def test_range_of_angles(student, drawn_angles):
    """random_rotation turns by angles from −max_degrees to max_degrees."""

    def body(module):
        calls = torch.stack([drawn_angles(module, 40.0), drawn_angles(module, 40.0)])  # one angle may come out 0
        expect(bool((calls.abs() > 0.1).any()), "no image is turned")
        expect(bool(((calls - calls[:, :1]).abs() > 0.1).any()), "all images are turned by the same angle")
        angles = calls.flatten()
        beyond = float((angles.abs() > 42).double().mean())
        expect(beyond < 0.5, "most images are turned by more than max_degrees")
        is_centred = beyond == 0 or not drawn_angles.moves_centre
        expect(is_centred, "images are turned by more than max_degrees, and not about their centre")
        expect(beyond == 0, "some images are turned by more than max_degrees")
        # 240 angles miss one of two quarters of the range with a probability below 2 · 0.75^240 = 3e-30.
        expect(bool((angles < 0).any()) and bool((angles > 0).any()), "all images are turned to the same side")
        is_wide = bool((angles < -20).any()) and bool((angles > 20).any())
        expect(is_wide, "no image is turned by more than max_degrees / 2")

    experiment(student, body)


@part("rotate")
@weight(1)
def test_own_angles(student, draws, drawn_angles, tensor):
    """random_rotation draws an angle for each image, and anew at each call."""
    x = draws.remember(lambda: draws.normal(1, 1, 6, 6).repeat(3, 1, 1, 1))

    def body(module):
        angles, again = drawn_angles(module, 40.0), drawn_angles(module, 40.0)
        calls = torch.stack([angles, again])
        expect(bool((calls.abs() > 0.1).any()), "no image is turned")
        if not bool(((calls - calls[:, :1]).abs() > 0.1).any()):
            told = tensor(module.rotate(x, torch.tensor([10.0, 10.0, 70.0], dtype=x.dtype)), x, "the result of rotate")
            is_fine = bool(((told[2] - told[1]).abs() > 0.01).any())
            expect(is_fine, "all images are turned by the same angle, by rotate already")
            expect(False, "all images are turned by the same angle")
        expect(bool(((angles - again).abs() > 0.1).any()), "every call turns by the same angles")

    experiment(student, body)


@part("rotate")
@weight(0.5)
@visibility("after_due_date")
def test_uniform_angles(student, drawn_angles, many_angles, in_quarters, is_likely):
    """random_rotation draws angles uniformly, each by itself."""

    def body(module):
        angles = drawn_angles(module, 40.0)
        expect(bool((angles.abs() > 0.1).any()), "no image is turned")
        is_own = bool(((angles - angles[0]).abs() > 0.1).any())
        is_one = bool(((angles.abs() - 40.0).abs() < 0.1).all())
        expect(not (is_own and is_one), "images are turned by −max_degrees or max_degrees, and nothing between them")
        expect(not is_own or in_quarters(angles, 40.0), "the angles are not spread evenly")
        for most in (170.0, 2.0):
            angles = many_angles(module, most)
            expect(not is_own or in_quarters(angles, most), "the angles are not spread evenly")
            alike = int(((angles[::2] > 0) == (angles[1::2] > 0)).sum())
            expect(not is_own or is_likely(alike, len(angles) // 2, 0.5), "an image's angle depends on its neighbour's")

    experiment(student, body)


@part("rotate")
@weight(0.5)
def test_no_random_rotation(student, images, needs_change):
    """random_rotation changes nothing with max_degrees = 0, and something with others."""
    x = images(3, 2, 4, 6)
    for unturned in (x, *shapes_of_one(images)):
        agree(student.random_rotation, lambda x, _: x, unturned, 0.0, tolerance=CLOSE)
    single = images(3, 2, 4, 5, dtype=torch.float32)
    agree(student.random_rotation, lambda x, _: x, single, 0.0, tolerance=1e-4)
    experiment(student, lambda module: needs_change(x, module.random_rotation, 30.0))


@part("rotate")
@weight(0.5)
@visibility("after_due_date")
def test_rotation_refuses(student, images, tensor):
    """random_rotation refuses a negative max_degrees with ValueError, and takes 0."""
    x = images(3, 1, 4, 5)

    def body(module):
        tensor(module.random_rotation(x, 0.0), x, "the result")
        for most in (-1.0, -1e-9):
            raises(module.random_rotation, "ValueError", x, most)

    experiment(student, body)


@part("rotate")
@weight(0.5)
def test_rotation_leaves_images(student, images, needs_change):
    """random_rotation gives other images, and leaves its own as they were."""
    x = images(3, 1, 4, 5)

    def body(module):
        needs_change(x, module.random_rotation, 30.0)
        leaves_inputs_alone(module.random_rotation, x, 30.0)

    experiment(student, body)
