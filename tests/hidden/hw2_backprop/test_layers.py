"""Parts `layers` and `network`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, either, leaves_inputs_alone, part

AFFINE = ("dx", "dw", "db")
LOSS = ("loss", "dscores")
SHAPES = {"matrix": (4, 6), "images": (3, 2, 4, 5)}
PARAMS = {"W1": (4, 7), "b1": (7,), "W2": (7, 3), "b2": (3,)}
WIDE = {"W1": (3, 5), "b1": (5,), "W2": (5, 2), "b2": (2,)}
ONES = ((1, 3, 4), (3, 1, 4), (3, 4, 1), (1, 1, 1))  # examples, features, units; the last are classes, too
EQUAL = ((3, 4, 4), (4, 4, 4))  # by which no axis is known
SCALES = (1e-9, 1e3)  # times what is usual, where what is rounded away or capped shows
LAYERS = ("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_cross_entropy")


@pytest.fixture
def labels(draws):
    """labels(5, 3) are five of the classes 0, 1, 2."""
    return lambda n, classes: draws.remember(
        lambda: torch.tensor([draws.integer(0, classes - 1) for _ in range(n)], dtype=torch.int64)
    )


@pytest.fixture
def arguments(normal, labels):
    """arguments(layer, dtype, sizes): what a layer gets. No two axes that could be confused have the same size."""

    def draw(layer, dtype=torch.float64, sizes=(5, 3, 4)):
        n, d, m = sizes
        match layer:
            case "affine_forward":
                return normal(n, d, dtype=dtype), normal(d, m, dtype=dtype), normal(m, dtype=dtype)
            case "affine_backward":
                return normal(n, m, dtype=dtype), normal(n, d, dtype=dtype), normal(d, m, dtype=dtype)
            case "relu_forward":
                return (normal(n, d, dtype=dtype),)
            case "relu_backward":
                return normal(n, d, dtype=dtype), normal(n, d, dtype=dtype)
        return normal(n, m, dtype=dtype), labels(n, m)

    return draw


@part("layers")
@weight(1.5)
def test_affine(student, reference, arguments):
    """affine_forward is x w + b."""
    for _ in range(2):
        x, w, b = arguments("affine_forward")
        agree(student.affine_forward, reference.affine_forward, x, w, b)
    for scale in SCALES:
        agree(student.affine_forward, reference.affine_forward, scale * x, w, scale * b)
    agree(student.affine_forward, reference.affine_forward, x * 0, w, b)


@part("layers")
@weight(1.5)
@pytest.mark.parametrize("output", AFFINE)
def test_affine_gradient(student, reference, common_draws, output):
    """affine_backward passes the gradient on to the input, the weights and the biases."""
    dout, x, w = common_draws.normal(5, 4), common_draws.normal(5, 3), common_draws.normal(3, 4)
    given = ((dout, x, w), *((scale * dout, x, w) for scale in SCALES), (dout, x * 0, w), (dout, x, w * 0))
    for inputs in given:
        agree(student.affine_backward, reference.affine_backward, *inputs, output=output, outputs=AFFINE)


@part("layers")
@weight(1)
def test_relu(student, reference, arguments, normal):
    """relu_forward is max(0, x)."""
    for _ in range(2):
        agree(student.relu_forward, reference.relu_forward, *arguments("relu_forward"))
    for scale in (1, *SCALES):
        agree(student.relu_forward, reference.relu_forward, scale * normal(*SHAPES["images"]))


@part("layers")
@weight(0.75)
@pytest.mark.parametrize("shape", SHAPES)
def test_relu_gradient(student, reference, normal, shape):
    """relu_backward passes the gradient on where the input was positive."""
    for scale in (1, *SCALES):
        dout, x = normal(*SHAPES[shape]), normal(*SHAPES[shape])
        agree(student.relu_backward, reference.relu_backward, scale * dout, x)
        agree(student.relu_backward, reference.relu_backward, dout, scale * x)


@part("layers")
@weight(0.5)
@visibility("after_due_date")
def test_relu_gradient_at_zero(student, reference, normal, draws):
    """relu_backward gives 0 where the input was 0, and tells it from what is next to it."""
    x = draws.remember(lambda: normal(4, 5) * (normal(4, 5) > 0))
    agree(student.relu_backward, reference.relu_backward, normal(4, 5), x)
    tiny = draws.remember(lambda: normal(4, 5) * 1e-60)
    agree(student.relu_backward, reference.relu_backward, normal(4, 5), tiny)
    agree(student.relu_forward, reference.relu_forward, tiny)


@part("layers")
@weight(1)
@pytest.mark.parametrize("n", [4, 7])
def test_loss(student, reference, normal, labels, n):
    """softmax_cross_entropy gives the mean loss of the batch."""
    agree(
        student.softmax_cross_entropy,
        reference.softmax_cross_entropy,
        normal(n, 5),
        labels(n, 5),
        output="loss",
        outputs=LOSS,
    )


@part("layers")
@weight(1.25)
@pytest.mark.parametrize("n", [4, 7])
def test_loss_gradient(student, reference, normal, labels, n):
    """softmax_cross_entropy gives the gradient of that mean with respect to the scores."""
    agree(
        student.softmax_cross_entropy,
        reference.softmax_cross_entropy,
        normal(n, 5),
        labels(n, 5),
        output="dscores",
        outputs=LOSS,
    )


@part("layers")
@weight(1.5)
def test_large_scores(student, reference, draws):
    """softmax_cross_entropy is right for scores of the size 1,000: no overflow, no log of 0."""
    scores = draws.remember(lambda: draws.normal(6, 4) * 1000 + 1500 * torch.arange(6, dtype=torch.float64)[:, None])
    labels = draws.remember(lambda: torch.where(torch.arange(6) % 2 == 0, scores.argmax(1), scores.argmin(1)))
    function, expected = student.softmax_cross_entropy, reference.softmax_cross_entropy
    for output in reversed(LOSS):
        agree(function, expected, scores, labels, output=output, outputs=LOSS)
    far = draws.remember(lambda: draws.normal(6, 4) - 2000)  # all far below 0: the largest of a row is no 0
    alike = draws.remember(lambda: torch.full((6, 4), 1500.0, dtype=torch.float64))
    for scores in (far, alike, alike * 0):
        for output in LOSS:
            agree(function, expected, scores, labels, output=output, outputs=LOSS)


@part("layers")
@weight(0.2)
@visibility("after_due_date")
@pytest.mark.parametrize("layer", LAYERS)
def test_layer_of_one(student, reference, arguments, normal, layer):
    """The layers take one example, one feature, unit or class, and as many of each; the ReLU takes any shape."""
    function, expected = getattr(student, layer), getattr(reference, layer)
    for sizes in (*ONES, *EQUAL):
        agree(function, expected, *arguments(layer, sizes=sizes))
    for shape in ((), (1,), (4,), (2, 1, 3), (2, 3, 1), (2, 1, 3, 1), (2, 3, 1, 2)) if layer.startswith("relu") else ():
        agree(function, expected, *(normal(*shape) for _ in arguments(layer)))


@part("layers")
@weight(0.2)
@pytest.mark.parametrize("layer", LAYERS)
def test_layer_in_float32(student, reference, arguments, layer):
    """The layers answer float32 tensors with float32 tensors."""
    agree(getattr(student, layer), getattr(reference, layer), *arguments(layer, torch.float32))


@part("layers")
@weight(0.2)
@pytest.mark.parametrize("layer", LAYERS)
def test_layer_leaves_inputs(student, reference, arguments, layer):
    """The layers are right and leave their arguments unchanged."""
    inputs = arguments(layer)
    agree(getattr(student, layer), getattr(reference, layer), *inputs)
    leaves_inputs_alone(getattr(student, layer), *inputs)


# ------------------------------------------------------------------------------------------------------- the network


@pytest.fixture
def batch(common_draws):
    """batch(dtype): x, labels and params of a network of two layers; the same in every check."""

    def draw(dtype=torch.float64):
        x = common_draws.normal(6, 4, dtype=dtype)
        classes = common_draws.remember(lambda: torch.tensor([common_draws.integer(0, 2) for _ in range(6)]))
        params = common_draws.remember(
            lambda: {name: common_draws.normal(*shape, dtype=dtype) for name, shape in PARAMS.items()}
        )
        return x, classes, params

    return draw


@part("network")
@weight(0.75)
def test_network_loss(judge_network, batch):
    """mlp_gradients gives the loss of the network."""
    judge_network("loss", *batch())


@part("network")
@weight(1.3125)
@pytest.mark.parametrize("name", PARAMS)
def test_network_gradient(judge_network, batch, name):
    """mlp_gradients gives the gradient of the loss with respect to each parameter."""
    judge_network(name, *batch())


@pytest.fixture
def edges(draws):
    """Batches at the edges: sizes of 1, units that are exactly at 0, parameters in another order."""

    def make():
        made = []
        for n, d, h, c in ((1, 3, 4, 3), (3, 1, 4, 2), (3, 4, 1, 2), (4, 3, 2, 1), (1, 1, 1, 1), (3, 3, 3, 3)):
            shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
            params = {name: draws.normal(*shape).abs() / 2 for name, shape in shapes.items()}  # no unit is dead
            x, labels = draws.normal(n, d).abs(), torch.arange(n) % c
            made.append((x, labels, params))
        same = x[:1].expand(3, 3)  # of three labels: however large the scores are, not all examples are without a loss
        made += [(same * scale, labels, params) for scale in (0, *SCALES)]
        params = {name: draws.normal(*shape) for name, shape in WIDE.items()}
        x, labels = draws.normal(4, 3) * torch.tensor([[1.0], [0], [0], [1]]), torch.tensor([0, 1, 1, 0])
        made.append((x, labels, params | {"b1": torch.zeros_like(params["b1"])}))  # two examples are 0 before the ReLU
        turned = dict(reversed(params.items()))
        made += [(draws.normal(4, 3), labels, turned), (draws.normal(4, 3), labels.flip(0), turned)]
        return made

    return draws.remember(make)


@part("network")
@weight(0.5)
@visibility("after_due_date")
def test_network_edges(judge_network, edges):
    """mlp_gradients takes sizes of 1, far values, and parameters in any order; a unit at 0 passes no gradient on."""
    for x, labels, params in edges:
        for name in ("loss", *PARAMS):
            judge_network(name, x, labels, params, tolerance=None)


@part("network")
@weight(0.25)
def test_network_in_float32(judge_network, batch):
    """mlp_gradients answers float32 tensors with float32 tensors."""
    for name in ("loss", *PARAMS):
        judge_network(name, *batch(torch.float32))


@part("network")
@weight(0.25)
def test_network_leaves_inputs(student, judge_network, batch):
    """mlp_gradients is right and leaves the parameters unchanged."""
    for name in ("loss", *PARAMS):
        judge_network(name, *batch())
    either(  # what its own layers do has cost them
        lambda: leaves_inputs_alone(student.mlp_gradients, *batch()),
        lambda: leaves_inputs_alone(student.probes.wired_mlp, *batch()),
    )
