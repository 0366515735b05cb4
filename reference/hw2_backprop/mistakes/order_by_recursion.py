"""Your search calls itself once for each node of a chain, and Python ends that after a thousand calls. Keep a stack of
your own."""

PARTS = ("graphs",)


def topological_order(v):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source in node.inputs:
                visit(source)
            order.append(node)

    visit(v)
    return order
