"""`python -m grader.gradescope [FOLDER]`: what run_autograder starts; FOLDER is /autograder."""

import sys
from pathlib import Path

from grader.gradescope.run import run

sys.exit(run(Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")))
