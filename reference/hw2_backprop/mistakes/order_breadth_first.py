"""You go through the graph level by level from the output. A node that is used on two levels then has its turn before
its last gradient has come: in topological order every node stands after all of its inputs."""

PARTS = ("graphs",)
FAMILY = "breadth_first"


def topological_order(v):
    order, seen = [v], {v}
    for node in order:
        for source in node.inputs:
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order[::-1]
