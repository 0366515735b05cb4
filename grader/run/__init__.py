"""A run over a class: which hand-ins are to be graded, on which workers, and what each student has in the end."""
