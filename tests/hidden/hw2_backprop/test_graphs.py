"""Part `graphs`: how gradients flow. All graphs are sums, so a wrong derivative of an operation costs nothing here; the
gradient of a sum counts the ways from it to an input.
"""

import pytest
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.judging.bridge.student import Handle
from grader.judging.compare import kind
from grader.suite import an_object, expect, part

FAN_OUT = {
    "same_node_twice": (("f", "+", "x", "x"),),
    "two_users": (("a", "+", "x", "y"), ("f", "+", "a", "x")),
    "three_users": (("a", "+", "x", "y"), ("b", "+", "x", "a"), ("f", "+", "b", "x")),
}
DIAMOND = (("s", "+", "x", "y"), ("a", "+", "s", "x"), ("b", "+", "s", "y"), ("f", "+", "a", "b"))
# s is used beside the output and, by way of a and b, deep below it: whoever passes its gradient on too early loses some.
DEPTHS = {
    "long_way_first": (("s", "+", "x", "y"), ("a", "+", "s", "x"), ("b", "+", "a", "y"), ("c", "+", "b", "s")),
    "short_way_first": (("s", "+", "x", "y"), ("a", "+", "s", "x"), ("b", "+", "a", "y"), ("c", "+", "s", "b")),
}
CHAIN = (("n0", "+", "x", "y"), *((f"n{i + 1}", "+", f"n{i}", "y") for i in range(5000)))
UNUSED = (
    (("f", "+", "x", "y"),),
    (("s", "+", "x", "y"), ("t", "+", "s", "z"), ("u", "+", "t", "s"), ("f", "+", "s", "x")),  # t and u use s as well
)
# Every node of this graph has a number of its own, by which it is known.
KNOWN = {1.0: (), 2.0: (), 3.0: (1.0, 2.0), 4.0: (3.0, 1.0), 5.0: (3.0, 2.0), 9.0: (4.0, 5.0), 12.0: (3.0, 9.0)}


@pytest.fixture
def ordered(student):
    """The numbers of the nodes of a graph, in the student's topological order."""
    x, y = student.Value(1.0), student.Value(2.0)
    s = an_object(x + y, "x + y")
    one, other = an_object(s + x, "s + x"), an_object(s + y, "s + y")
    end = an_object(s + an_object(one + other, "(s + x) + (s + y)"), "s + …")
    order = student.topological_order(end)
    expect(isinstance(order, list), f"the result is {kind(order)}; a list of nodes is asked for")
    expect(all(isinstance(node, Handle) for node in order), "the list holds something that is no node")
    found = [node.data for node in order]
    expect(all(isinstance(number, int | float) for number in found), "the `data` of a node is no number")
    return found


@part("graphs")
@weight(0.75)
@pytest.mark.parametrize("case", FAN_OUT)
def test_fan_out(judge_gradient, numbers, case):
    """A node that is used several times gets the sum of all the gradients that come back to it."""
    names = ("x",) if case == "same_node_twice" else ("x", "y")
    judge_gradient(FAN_OUT[case], numbers(*names))


@part("graphs")
@weight(1.5)
def test_diamond(judge_gradient, numbers):
    """Where ways part and meet again, each counts once."""
    judge_gradient(DIAMOND, numbers("x", "y"))


@part("graphs")
@weight(0.75)
@pytest.mark.parametrize("case", DEPTHS)
def test_depths(judge_gradient, numbers, case):
    """A node passes its gradient on only when all of it has come, from near and from far."""
    judge_gradient((*DEPTHS[case], ("f", "+", "c", "c")), numbers("x", "y"))


@part("graphs")
@weight(1)
@pytest.mark.parametrize("case", ["one", "another"])
def test_any_graph(judge_gradient, numbers, draws, case):
    """Gradients are right in graphs of any form."""

    def make():
        names, program = ["x", "y", "z"], []
        for i in range(12):
            others = [names[-1], names[draws.integer(0, len(names) - 1)]]
            left = draws.integer(0, 1)
            program.append((f"n{i}", "+", others[left], others[1 - left]))
            names.append(f"n{i}")
        return tuple(program)

    judge_gradient(draws.remember(make), numbers("x", "y", "z"))


@part("graphs")
@weight(0.5)
@visibility("after_due_date")
def test_equal_numbers(student, judge_gradient, numbers, same_numbers):
    """Two nodes that happen to hold the same number are two nodes."""
    alike = (("a", "+", "x", "y"), ("b", "+", "y", "x"), ("s", "+", "a", "b"))
    at = numbers("x", "y", times=50.0)
    judge_gradient((("a", "+", "x", "x"), ("f", "+", "a", "y")), {"x": at["x"], "y": 2 * at["x"]})
    judge_gradient((*alike, ("f", "+", "s", "x")), at)
    judge_gradient((*alike, ("f", "+", "s", "x")), {"x": at["x"], "y": at["x"]})
    x, y = student.Value(at["x"]), student.Value(at["y"])
    a, b = an_object(x + y, "x + y"), an_object(y + x, "y + x")
    for one in (a, b):
        one.backward()
        same_numbers(result_grad=(one.grad, 1.0), x_grad=(x.grad, 1.0), y_grad=(y.grad, 1.0))


@part("graphs")
@weight(1.5)
def test_chain(judge_gradient, numbers):
    """A graph can be thousands of nodes deep."""
    judge_gradient(CHAIN, numbers("x", "y"))


@part("graphs")
@weight(1.75)
def test_backward_twice(student, numbers, same_numbers):
    """A second backward() gives the same gradients again: they are set anew, not added to."""
    at = numbers("x", "y", times=50.0)
    x, y = student.Value(at["x"]), student.Value(at["y"])
    s = an_object(x + y, "x + y")
    f = an_object(s + x, "s + x")
    for _ in range(2):
        f.backward()
        same_numbers(f_grad=(f.grad, 1.0), s_grad=(s.grad, 1.0), x_grad=(x.grad, 2.0), y_grad=(y.grad, 1.0))


@part("graphs")
@weight(1.5)
@visibility("after_due_date")
def test_two_outputs(student, numbers, same_numbers):
    """Of two outputs that share nodes, the last one that ran backward() has its gradients in all of its own."""
    at = numbers("x", "y", times=50.0)
    x, y = student.Value(at["x"]), student.Value(at["y"])
    f = an_object(x + y, "x + y")
    g = an_object(f + x, "f + x")
    h = an_object(f + y, "f + y")
    g.backward()
    same_numbers(f_grad=(f.grad, 1.0), x_grad=(x.grad, 2.0), y_grad=(y.grad, 1.0))
    f.backward()
    same_numbers(f_grad=(f.grad, 1.0), x_grad=(x.grad, 1.0), y_grad=(y.grad, 1.0))
    h.backward()
    same_numbers(f_grad=(f.grad, 1.0), x_grad=(x.grad, 1.0), y_grad=(y.grad, 2.0), h_grad=(h.grad, 1.0))
    same_numbers(g_grad=(g.grad, 1.0))  # not in the graph of h


@part("graphs")
@weight(1.25)
def test_order_holds_each_once(ordered):
    """topological_order gives each node of the graph, and each only once."""
    expect(set(ordered) >= set(KNOWN), "the list lacks nodes of the graph")
    expect(len(ordered) == len(KNOWN), f"the list has {len(ordered)} entries; the graph has {len(KNOWN)} nodes")


@part("graphs")
@weight(1.25)
def test_order_has_inputs_first(ordered):
    """topological_order gives each node after its inputs."""
    expect(set(ordered) >= set(KNOWN), "the list lacks nodes of the graph")
    for number, inputs in KNOWN.items():
        late = any(ordered.index(one) > ordered.index(number) for one in inputs)
        expect(not late, "a node stands before one of its inputs")


@part("graphs")
@weight(0.5)
def test_input_that_is_not_used(judge_gradient, numbers):
    """What the result does not depend on changes nothing: such an input has the gradient 0."""
    for program in UNUSED:
        judge_gradient(program, numbers("x", "y", "z"))


@part("graphs")
@weight(0.5)
@visibility("after_due_date")
def test_single_node(student, numbers, same_numbers):
    """A node that was computed from nothing has the gradient 1 after its own backward()."""
    x = student.Value(numbers("x", times=50.0)["x"])
    double = an_object(x + x, "x + x")
    same_numbers(x_grad=(x.grad, 0.0))
    double.backward()
    same_numbers(x_grad=(x.grad, 2.0))
    x.backward()
    same_numbers(x_grad=(x.grad, 1.0))
    order = student.topological_order(x)
    expect(isinstance(order, list), f"the result is {kind(order)}; a list of nodes is asked for")
    expect(len(order) == 1, f"the order of a single node has {len(order)} entries")
