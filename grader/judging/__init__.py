"""Judging one submission after another: a hidden suite, a reference and the student's answers in, an `Outcome` per check out."""
