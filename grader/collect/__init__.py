"""From what a learning platform gives to hand-ins with their owners: nothing dropped, nothing guessed."""
