"""Your gradients lack the division by the square root of d."""

PARTS = ("attention_backward",)
REPLACE = [("ds @ k / scale, ds.T @ q / scale", "ds @ k, ds.T @ q")]
