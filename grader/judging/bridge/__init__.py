"""The judge's end of the wire: what a hidden suite calls `student`, and what is asked of it ahead."""
