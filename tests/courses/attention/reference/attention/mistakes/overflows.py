"""Large scores overflow in your softmax: subtract the largest one first."""

PARTS = ("softmax",)
REPLACE = [("(x - x.amax(-1, keepdim=True)).exp()", "x.exp()")]
