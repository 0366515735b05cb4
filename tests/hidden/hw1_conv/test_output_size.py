"""Part `output_size`: output sizes, weights and multiplications."""

from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, part, raises


@part("output_size")
@weight(1.5)
def test_size_with_stride(student, reference, integer):
    """output_size is right without padding, also for strides that leave pixels over."""
    for stride in (1, 2, 3, 4):
        k, steps = integer(1, 7), integer(3, 60)
        agree(student.output_size, reference.output_size, k + steps * stride, k, stride)
        agree(student.output_size, reference.output_size, k + steps * stride + stride - 1, k, stride)


@part("output_size")
@weight(1.5)
def test_size_with_padding(student, reference, integer):
    """output_size counts the padding on both sides, with and without a stride."""
    for stride, pad in ((1, 1), (1, 2), (2, 1), (3, 2)):
        k, n = integer(1, 7), integer(8, 90)
        agree(student.output_size, reference.output_size, n, k, stride=stride, pad=pad)
        agree(student.output_size, reference.output_size, n + 1, k, stride, pad)
        agree(student.output_size, reference.output_size, n + 2, k, stride, pad)
    agree(student.output_size, reference.output_size, 3, 6, pad=2)
    agree(student.output_size, reference.output_size, 200 + integer(1, 20), 31, 20, 15)
    for option in ("stride", "pad"):
        agree(student.output_size, reference.output_size, 9, 4, **{option: 3})


@part("output_size")
@weight(0.5)
def test_size_without_room(student, reference, integer):
    """output_size accepts a kernel as large as the padded input and refuses a larger one with ValueError."""
    n, pad = integer(2, 20), integer(1, 3)
    agree(student.output_size, reference.output_size, n, n)
    agree(student.output_size, reference.output_size, 1, 1, stride=2)
    agree(student.output_size, reference.output_size, n, n + 2 * pad, pad=pad)
    for stride in (1, 2, 3):  # rounding may hide that a kernel is a little too large
        raises(student.output_size, "ValueError", n, n + 2 * pad + 1, stride=stride, pad=pad)
        raises(student.output_size, "ValueError", n, n + 1, stride=stride)
    raises(student.output_size, "ValueError", n, n + 4, stride=2)


@part("output_size")
@weight(0.5)
@visibility("after_due_date")
def test_size_of_senseless_arguments(student, reference, integer):
    """output_size refuses sizes and strides below 1 and negative padding with ValueError."""
    n = integer(9, 20)
    agree(student.output_size, reference.output_size, n, 1, stride=1, pad=0)
    for wrong in (0, -1, -2):
        raises(student.output_size, "ValueError", n, 3, stride=wrong)
        raises(student.output_size, "ValueError", n, wrong)
        raises(student.output_size, "ValueError", wrong, 1, pad=2)
    raises(student.output_size, "ValueError", n, 3, pad=-1)
    raises(student.output_size, "ValueError", n, 3, pad=-2)


@part("output_size")
@weight(1)
def test_weights(student, reference, integer):
    """count_weights is right where weights are not shared, with all inputs and with a window of k."""
    n_in, n_out, k = integer(12, 30), integer(2, 6), integer(7, 11)
    agree(student.count_weights, reference.count_weights, n_in, n_out)
    agree(student.count_weights, reference.count_weights, n_in, n_out, k)
    agree(student.count_weights, reference.count_weights, n_in, n_out, k=k, shared=False)
    agree(student.count_weights, reference.count_weights, n_in, 1)
    agree(student.count_weights, reference.count_weights, 1, n_out, 1)
    agree(student.count_weights, reference.count_weights, n_in, n_in, n_in)
    agree(student.count_weights, reference.count_weights, 50 * n_in, 40 * n_out)


@part("output_size")
@weight(1)
def test_shared_weights(student, reference, integer):
    """count_weights is right where all units share one window of weights."""
    n_in, n_out, k = integer(12, 30), integer(2, 6), integer(7, 11)
    agree(student.count_weights, reference.count_weights, n_in, n_out, k, shared=True)
    agree(student.count_weights, reference.count_weights, n_in, n_out, 1, True)
    agree(student.count_weights, reference.count_weights, n_in, 1, n_in, True)


@part("output_size")
@weight(0.5)
@visibility("after_due_date")
def test_weights_that_make_no_sense(student, reference, integer):
    """count_weights refuses windows below 1 or above n_in, and sharing without a window, with ValueError."""
    n_in, n_out = integer(4, 9), integer(2, 6)
    agree(student.count_weights, reference.count_weights, n_in, n_out, k=n_in)
    agree(student.count_weights, reference.count_weights, n_in, n_out, k=1)
    raises(student.count_weights, "ValueError", n_in, n_out, shared=True)
    for wrong in (n_in + 1, 0, -1, -2):
        raises(student.count_weights, "ValueError", n_in, n_out, k=wrong)
        raises(student.count_weights, "ValueError", n_in, n_out, k=wrong, shared=True)


@part("output_size")
@weight(1.5)
def test_conv_output_shape(student, reference, integer):
    """conv_output_shape gives (filters, height, width), also for images that are not square."""
    for stride, pad in ((1, 0), (1, 2), (2, 1), (3, 0)):
        c, h = integer(1, 4), integer(20, 30)
        shape = (c, h, h + integer(7, 15))
        agree(student.conv_output_shape, reference.conv_output_shape, shape, c + integer(1, 9), 5, stride, pad)
    agree(student.conv_output_shape, reference.conv_output_shape, shape, 1, 4)
    for option in ("stride", "pad"):
        agree(student.conv_output_shape, reference.conv_output_shape, shape, 1, 4, **{option: 3})
    agree(student.conv_output_shape, reference.conv_output_shape, (1, 2, 6), 2, 1, stride=4)
    agree(student.conv_output_shape, reference.conv_output_shape, (4, 4, 4), 4, 3)
    agree(student.conv_output_shape, reference.conv_output_shape, (300, 200, 230), 96, 31, 20, 15)


@part("output_size")
@weight(1.5)
def test_multiplications(student, reference, integer):
    """count_multiplications is right for several channels, strides and paddings."""
    for stride, pad in ((1, 0), (1, 2), (2, 1), (3, 0)):
        c, h = integer(2, 9), integer(20, 30)
        shape = (c, h, h + integer(7, 15))
        agree(student.count_multiplications, reference.count_multiplications, shape, integer(2, 9), 5, stride, pad)
    agree(student.count_multiplications, reference.count_multiplications, shape, 1, 4)
    for option in ("stride", "pad"):
        agree(student.count_multiplications, reference.count_multiplications, shape, 3, 4, **{option: 3})
    agree(student.count_multiplications, reference.count_multiplications, (1, 2, 6), 2, 1, stride=4)
    agree(student.count_multiplications, reference.count_multiplications, (4, 4, 4), 4, 3)
    agree(student.count_multiplications, reference.count_multiplications, (300, 200, 230), 96, 31, 20, 15)


@part("output_size")
@weight(0.5)
@visibility("after_due_date")
def test_layers_without_room(student, reference, integer):
    """conv_output_shape and count_multiplications refuse what output_size refuses, for the height and for the width."""
    raises(student.output_size, "ValueError", 5, 6)  # so that its mistakes are told apart from theirs
    side = integer(12, 20)
    for layer in ("conv_output_shape", "count_multiplications"):
        asked, known = getattr(student, layer), getattr(reference, layer)
        for shape in ((2, 5, side), (2, side, 5)):
            agree(asked, known, shape, 3, 5)
            agree(asked, known, shape, 3, 7, pad=1)
            raises(asked, "ValueError", shape, 3, 6)
            raises(asked, "ValueError", shape, 3, 8, 2, 1)
        raises(asked, "ValueError", (2, 5, side), 3, 2, 0)
        raises(asked, "ValueError", (2, 5, side), 3, 2, 1, -1)
        raises(asked, "ValueError", (2, 5, side), 3, 0)
