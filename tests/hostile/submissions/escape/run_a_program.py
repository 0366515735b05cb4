"""Runs a shell.
class: escape
verdict: error
success: score
control: naive
"""

import subprocess


def scale(x):
    return x * int(subprocess.run(["/bin/sh", "-c", "echo 2"], capture_output=True, check=True).stdout)
