"""Raises an exception that is every exception.
class: spoof the comparison
verdict: error
success: score
control: naive
part: refuse
"""

class Every(ValueError, ArithmeticError):
    pass


def refuse(n):
    raise Every("whatever you expect")
