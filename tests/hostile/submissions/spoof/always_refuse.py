"""Raises the expected exception for every argument.
class: spoof the comparison
verdict: error
success: score
control: naive
part: refuse
"""

def refuse(n):
    raise ValueError("no")
