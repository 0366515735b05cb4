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


def each(condition):
    """Which images fulfil it in all of their pixels."""
    return condition.flatten(1).all(1)


@pytest.fixture
def in_quarters(is_likely):
    """in_quarters(values, largest): whether as many values lie in each quarter of [−largest, largest] as should."""

    def are(values, largest):
        quarters = ((values / largest + 1) * 2).floor().clamp(0, 3).long().bincount(minlength=4)
        return all(is_likely(int(count), values.numel(), 0.25) for count in quarters)

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
    experiment(student, lambda module: needs_change(x, module.random_horizontal_flip, 0.5))


@part("flip")
@weight(1.5)
def test_share_of_flips(student, images, tensor, is_likely):
    """random_horizontal_flip changes an image with probability p."""
    x = images(3000, 1, 1, 2)

    def body(module):
        changed = ~each(tensor(module.random_horizontal_flip(x, 0.3), x, "the result") == x)
        about = round(10 * float(changed.double().mean())) * 10
        right = is_likely(int(changed.sum()), len(x), 0.3)
        expect(right or 0 < about < 100, "either all images are mirrored, or none")
        expect(right, f"about {about}% of the images are mirrored with p = 0.3")

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
        expect(right, f"about {round(10 * float(changed.double().mean())) * 10}% of the images are mirrored")

    experiment(student, body)


@part("flip")
@weight(1)
def test_own_flips(student, images, tensor):
    """random_horizontal_flip decides on each image by itself, and anew at each call."""
    x = images(30, 1, 1, 3)

    def body(module):
        calls = [~each(tensor(module.random_horizontal_flip(x, 0.5), x, "the result") == x) for _ in range(12)]
        changed = torch.stack(calls)
        expect(bool(changed.any()), "no image ever changes")
        expect(not bool(changed.all()), "every image always changes")
        expect(bool((changed != changed[:, :1]).any()), "all images of a batch are treated alike")
        expect(bool((changed != changed[0]).any()), "every call makes the same decisions")

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
        for p in (-0.5, 1.25):
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


def windows(x, **padding):
    """The (2 · PAD + 1)² crops of all images: (number of crops, N, C, H, W)."""
    padded = F.pad(x, (PAD, PAD, PAD, PAD), **padding)
    _, _, h, w = x.shape
    return torch.stack([padded[..., i : i + h, j : j + w] for i in range(SHIFTS) for j in range(SHIFTS)])


def places(y, crops):
    """The number of the crop that each image is; −1 where it is none."""
    matches = (y == crops).flatten(2).all(2)
    return torch.where(matches.any(0), matches.int().argmax(0), -1)


@part("crop")
@weight(3)
def test_windows(student, images, tensor):
    """random_crop gives a window of each image with zeros around it."""
    x = images(60, 3, 4, 6)

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
                return
            y = tensor(module.random_crop(x, PAD), x, "the result")
        expect(False, "all images are always cropped at the same place")

    experiment(student, body)


@pytest.fixture
def starts(common_draws, tensor):
    """starts(module): rows and columns at which the windows of 1,500 images start, from 0 to 2 · PAD."""
    x = common_draws.normal(1500, 1, 3, 4)
    crops = common_draws.remember(lambda: windows(x))

    def read(module):
        found = places(tensor(module.random_crop(x, PAD), x, "the result"), crops)
        found = found[found >= 0]  # another check's business
        expect(len(found) > 0, "no image is a window of the padded one")
        return found // SHIFTS, found % SHIFTS

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
    agree(student.random_crop, reference.random_crop, x, 0)
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


@pytest.fixture
def casts(draws, tensor):
    """casts(module): what was added to 1,000 images of three channels by color_cast with strength 0.4: (N, 3)."""
    x = draws.normal(1000, 3, 1, 2)

    def read(module):
        added = (tensor(module.color_cast(x, 0.4), x, "the result") - x)[:, :, 0]
        expect(_is_constant(added), "the pixels of a channel get different numbers")
        return added[:, :, 0]

    return read


@part("color")
@weight(2.5)
def test_one_number_per_channel(student, images, tensor):
    """color_cast adds one and the same number to all pixels of a channel."""
    x = images(6, 3, 4, 5)

    def body(module):
        y = tensor(module.color_cast(x, 0.4), x, "the result")
        added, factor = (y - x).flatten(2), (y / x).flatten(2)
        if not _is_constant(added):
            expect(not _is_constant(factor), "the channels are multiplied by a number")
            inside = (y > 0) & (y < 1)
            is_clipped = bool((y[~inside] == y[~inside].round()).all()) and bool(inside.any())
            expect(not is_clipped, "the result is clipped to [0, 1]")
            expect(not bool((added != 0).all()), "every pixel gets its own number")
            expect(False, "the pixels of a channel get different numbers")
        expect(bool((added != 0).any()), "nothing is added")

    experiment(student, body)


@part("color")
@weight(1)
def test_strength(student, casts):
    """color_cast adds numbers from −strength to strength."""

    def body(module):
        added = casts(module)
        expect(bool((added.abs() <= 0.4 + 1e-9).all()), "numbers beyond ± strength are added")
        # All of 3,000 numbers miss a quarter of the range with a probability below 0.75^3000.
        expect(bool(((added - added[0]).abs() > 1e-9).any()), "all images get the same numbers")
        expect(bool((added < 0).any()), "no negative number is ever added")
        expect(bool((added > 0).any()), "no positive number is ever added")
        expect(bool((added < -0.2).any() and (added > 0.2).any()), "no number beyond ± strength / 2 is ever added")

    experiment(student, body)


@part("color")
@weight(1.5)
def test_own_casts(student, casts):
    """color_cast draws a number for each channel of each image, and anew at each call."""

    def body(module):
        added, again = casts(module), casts(module)
        expect(bool((added != 0).any()), "nothing is added")
        expect(bool(((added - added[:, :1]).abs() > 1e-9).any()), "all channels of an image get the same number")
        expect(bool(((added - added[:1]).abs() > 1e-9).any()), "all images get the same numbers")
        expect(bool(((added - again).abs() > 1e-9).any()), "every call adds the same numbers")

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
        expect(not is_own or in_quarters(added.flatten(), 0.4), "the numbers are not spread evenly")

    experiment(student, body)


@part("color")
@weight(0.5)
def test_no_cast(student, reference, images, needs_change):
    """color_cast changes nothing with a strength of 0, and something with others."""
    x = images(4, 3, 2, 5)
    agree(student.color_cast, reference.color_cast, x, 0.0)
    experiment(student, lambda module: needs_change(x, module.color_cast, 0.5))


@part("color")
@weight(0.5)
@visibility("after_due_date")
def test_cast_refuses(student, images, tensor):
    """color_cast refuses a negative strength with ValueError, and takes 0."""
    x = images(3, 3, 2, 4)

    def body(module):
        tensor(module.color_cast(x, 0.0), x, "the result")
        raises(module.color_cast, "ValueError", x, -0.1)

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
    agree(student.rotate, reference.rotate, images(4, 2, *case), angles(4), tolerance=CLOSE)


@part("rotate")
@weight(1)
def test_quarter_turns(student, images):
    """rotate by 90, 180 and 270 degrees moves whole pixels of a square image."""
    x, degrees = images(3, 2, 4, 4), torch.tensor([90.0, 180.0, 270.0], dtype=torch.float64)

    def turned(x, degrees):
        return torch.stack([image.rot90(k + 1, (1, 2)) for k, image in enumerate(x)])

    agree(student.rotate, turned, x, degrees, tolerance=CLOSE)


@part("rotate")
@weight(0.5)
@visibility("after_due_date")
def test_no_rotation(student, images):
    """rotate by 0 degrees changes nothing, and by 180 turns a wide image upside down."""
    x, degrees = images(3, 1, 3, 6), torch.tensor([0.0, 180.0, -180.0], dtype=torch.float64)

    def turned(x, degrees):
        return torch.stack([x[0], x[1].flip(1, 2), x[2].flip(1, 2)])

    agree(student.rotate, turned, x, degrees, tolerance=CLOSE)


@part("rotate")
@weight(0.5)
def test_rotate_in_float32(student, reference, images, angles):
    """rotate answers float32 images with float32 images."""
    x = images(3, 2, 6, 4, dtype=torch.float32)
    agree(student.rotate, reference.rotate, x, angles(3), tolerance=1e-4)


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
def test_uniform_angles(student, drawn_angles, in_quarters):
    """random_rotation draws angles uniformly."""

    def body(module):
        angles = drawn_angles(module, 40.0)
        expect(bool((angles.abs() > 0.1).any()), "no image is turned")
        is_own = bool(((angles - angles[0]).abs() > 0.1).any())
        is_one = bool(((angles.abs() - 40.0).abs() < 0.1).all())
        expect(not (is_own and is_one), "images are turned by −max_degrees or max_degrees, and nothing between them")
        expect(not is_own or in_quarters(angles, 40.0), "the angles are not spread evenly")

    experiment(student, body)


@part("rotate")
@weight(0.5)
def test_no_random_rotation(student, images, needs_change):
    """random_rotation changes nothing with max_degrees = 0, and something with others."""
    x = images(3, 2, 4, 6)
    agree(student.random_rotation, lambda x, _: x, x, 0.0, tolerance=CLOSE)
    experiment(student, lambda module: needs_change(x, module.random_rotation, 30.0))


@part("rotate")
@weight(0.5)
@visibility("after_due_date")
def test_rotation_refuses(student, images, tensor):
    """random_rotation refuses a negative max_degrees with ValueError, and takes 0."""
    x = images(3, 1, 4, 5)

    def body(module):
        tensor(module.random_rotation(x, 0.0), x, "the result")
        raises(module.random_rotation, "ValueError", x, -1.0)

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
