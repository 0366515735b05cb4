"""Ends the process with code 0 while it is imported.
class: forge the result
verdict: blocked
success: score
control: naive
"""

import os

os._exit(0)
