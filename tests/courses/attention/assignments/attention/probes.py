"""Runs beside your code when it is graded: judges `attention` with another softmax, if yours is wrong."""

STAND_INS = {"softmax": lambda x: x / (1 + x.abs().sum(-1, keepdim=True))}
