"""`grader mutate`: small changes of the reference, made by method and not from a list, that a hidden suite must notice.

`operators` makes them, `trials` grades them, `equivalence` looks for an input that tells a survivor from the original.
"""
