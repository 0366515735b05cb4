"""Judging one submission after another: hidden suite, reference and answers in, an `Outcome` per check out."""
