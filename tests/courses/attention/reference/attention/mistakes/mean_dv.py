"""Your dv lacks a transpose: each row of v gets what all queries hand back by its own weight."""

PARTS = ("attention_backward",)
REPLACE = [("a.T @ dout", "a.sum(0)[:, None] * dout.mean(0)")]
