"""The command line: one module for each command, and what several of them share.

The top layer: it may import every other folder, and no other folder imports it.
"""
