"""`python -m grader.commands.package.gradescope [FOLDER]`: what run_autograder starts; FOLDER is /autograder."""

import gc
import sys
from pathlib import Path

gc.disable()  # nothing that torch's import makes is ever garbage, and looking for it is a tenth of the time
from grader.commands.package.gradescope.run import run  # noqa: E402

gc.freeze()
gc.enable()

sys.exit(run(Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")))
