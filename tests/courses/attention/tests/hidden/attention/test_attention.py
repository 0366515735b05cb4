from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, agree_wired, each_output, part


@part("softmax")
@weight(2)
def test_softmax(student, reference, draws):
    """softmax is over the last axis."""
    agree(student.softmax, reference.softmax, draws.normal(3, 4, 5))


@part("softmax")
@weight(1)
def test_large(student, reference, draws):
    """softmax of large numbers is finite."""
    agree(student.softmax, reference.softmax, 1000 + draws.normal(3, 4))


@part("attention")
@weight(3)
def test_attention(student, reference, draws):
    """attention weighs the values by scaled scores."""
    q, k, v = draws.normal(4, 6), draws.normal(5, 6), draws.normal(5, 3)
    agree_wired(student.attention, reference.attention, q, k, v)


@part("attention_backward")
@weight(2)
@each_output("dq", "dk", "dv")
def test_gradients(student, reference, draws, output):
    """attention_backward gives {output}."""
    q, k, v, dout = draws.normal(4, 6), draws.normal(5, 6), draws.normal(5, 3), draws.normal(4, 3)
    agree_wired(student.attention_backward, reference.attention_backward, dout, q, k, v, output=output)
