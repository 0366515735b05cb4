"""Returns fewer answers than are compared.
class: spoof the comparison
verdict: failed
success: score
control: naive
part: pair
"""

def pair(x):
    return ()
