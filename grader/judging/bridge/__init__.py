"""The judge's end of the wire: `student` as a hidden suite uses it, and the calls that are sent ahead."""
