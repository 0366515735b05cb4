"""Your order holds a node once for each way that leads to it. Remember which nodes you have seen: each belongs in it
once."""

PARTS = ("graphs",)


def topological_order(v):
    order = []
    stack = [(v, False)]
    while stack:
        node, inputs_are_done = stack.pop()
        if inputs_are_done:
            order.append(node)
        else:
            stack.append((node, True))
            stack += [(source, False) for source in node.inputs]
    return order
