"""The command line: one module for each command, and what several of them share.

The top of the house: everything may be used from here, and nothing uses this.
"""
