"""Makes a homework's class page and gradebook from the ledger, in a process of its own: they need pandas."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

from grader.errors import GraderError, UsageError
from grader.gradebook import write_class_page, write_gradebook
from grader.homework import load_homework
from grader.judging.environment import Environment
from grader.ledger.ledger import Ledger
from grader.portal.course import ROSTER
from grader.portal.course import run_folder as folder_of
from grader.report.write import write_bytes
from grader.run.classrun import open_run
from grader.run.folder import ledger_address, read_settings
from grader.sandbox.where import ANYWHERE


def publish(state: Path, course: Path, name: str) -> None:
    """Write STATE/published/NAME/: class.html, gradebook.zip. Nothing in the run's folder changes.

    Raises `GraderError`, and `UsageError` where nothing was handed in yet.
    """
    folder, homework = folder_of(state, name), load_homework(course, name)
    settings = read_settings(folder)
    if settings is None:
        raise UsageError("Nothing was graded yet.")
    with Ledger(ledger_address(folder, settings)) as ledger:
        run = open_run(folder, homework, ledger, settings, Environment({}, ANYWHERE), None)
        entries = run.entries(ledger.hand_ins(run.run))
    out, assignments = state / "published" / name, {name: homework.assignment}
    roster = state / ROSTER
    tables = {name: roster.read_text("utf-8")} if roster.exists() else {}
    write_class_page(entries, assignments, out / "class.html")
    files = write_gradebook(entries, assignments, out / "gradebook", tables)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.name)
    write_bytes(out / "gradebook.zip", packed.getvalue(), 0o600)


def main() -> int:
    """STATE COURSE NAME. Returns 0, or 3 with a sentence on stderr."""
    try:
        publish(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except (GraderError, UsageError, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
