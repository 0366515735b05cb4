"""Two nodes that hold the same number are one node to you: your __eq__ compares numbers, so that a set, a dictionary or
`in` finds the wrong node. Leave __eq__ out: then nodes are told apart by what they are."""

PARTS = ("nodes", "graphs")


class Value(Value):
    def __eq__(self, other):
        return isinstance(other, Value) and self.data == other.data

    def __hash__(self):
        return hash(self.data)
