"""Your scores are not divided by the square root of d."""

PARTS = ("attention",)
REPLACE = [("@ k.T / math.sqrt(q.shape[1])", "@ k.T")]
