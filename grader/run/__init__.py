"""A run over a class: which hand-ins are to be graded, on which workers, and each student's standing."""
