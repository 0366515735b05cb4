"""Two nodes that were computed alike and hold the same number are one node to you. Tell nodes apart by what they are,
not by what is in them."""

PARTS = ("graphs",)


def topological_order(v):
    order, seen = [], set()
    stack = [(v, False)]
    while stack:
        node, inputs_are_done = stack.pop()
        if inputs_are_done:
            order.append(node)
        elif (key := (node.data, frozenset(map(id, node.inputs)))) not in seen:
            seen.add(key)
            stack.append((node, True))
            stack += [(source, False) for source in node.inputs]
    return order
