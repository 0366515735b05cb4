"""How a guest is started: the outer wall around the zygote, one file per isolation tier."""
