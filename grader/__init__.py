"""Autograding for deep-learning homework: the submission never meets its judge."""

__version__ = "0.1.0"
