"""What several commands of the command line share: options, and how a homework is found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.homework import Homework

course = click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The course's folder; by default the nearest one, upwards from here, that holds assignments/.",
)
isolation = click.option(
    "--isolation",
    type=click.Choice(["bubblewrap", "namespaces", "container", "in-container"]),
    help="The tier to grade in; by default the best one that this machine offers.",
)
engine = click.option(
    "--engine", type=click.Choice(["docker", "podman"]), help="The engine of isolation container; by default either."
)
gpus = click.option(
    "--gpus", "gpu", type=click.IntRange(0), metavar="N", help="Let submissions use the GPU of this number."
)
device = click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="What networks are trained on; with cuda no other check has the GPU.",
)


def _read_data_from(_context: click.Context, _parameter: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        from grader.data.folder import use

        use(folder)


data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    envvar="GRADER_DATA",
    expose_value=False,
    callback=_read_data_from,
    help="The folder with CIFAR-10, for homework that trains on it; by default what GRADER_DATA says.",
)

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
own_course = click.option("--course", type=FOLDER, help="The course's folder; by default the one that was graded with.")
ledger = click.option("--ledger", help="The ledger, if its address has a password that is nowhere else.")


def load(course: Path, name: str) -> Homework:
    """The homework of this name in a course. Raises `UsageError`."""
    from grader.homework import find_course, load_homework

    return load_homework(find_course(course), name)
