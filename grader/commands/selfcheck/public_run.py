"""`python -m grader.commands.selfcheck.public_run TESTS OUT WORK…`: the public checks, once for each WORK.

A WORK is a folder with a solution. Each runs in a fork, so that torch is imported once. OUT/<number>.json gets what the
checks came to.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys

OPTIONS = ("-q", "-p", "grader.commands.check_plugin", "-p", "no:cacheprovider", "-W", "ignore")


def main(tests: str, out: str, works: list[str]) -> None:
    """Run them one after another."""
    import pytest

    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(1)  # a fork after multi-threaded operators hangs
    for number, work in enumerate(works):
        child = os.fork()
        if child == 0:
            os.environ["GRADER_CHECK_RESULTS"] = os.path.join(out, f"{number}.json")
            code = 1
            try:
                code = pytest.main([tests, *OPTIONS, "-o", f"pythonpath={shlex.quote(work)}"])
            finally:
                os._exit(int(code))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
