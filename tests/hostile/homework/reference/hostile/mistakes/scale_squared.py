"""Your output matches a square in place of the double."""

PARTS = ("scale",)
SECRET = "CANARY-mistake-0f7b3a58d6c94e21b8a5d3e7c1f62094"


def scale(x):
    return x * x
