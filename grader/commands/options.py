"""What several commands of the command line share: options, and how a homework is found."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade

if TYPE_CHECKING:
    from grader.homework import Homework

Command = Callable[..., Any]

course = click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The course's folder; by default the nearest one, upwards from here, that holds assignments/.",
)
portal = click.option(
    "--portal",
    envvar="GRADER_PORTAL",
    required=True,
    metavar="URL",
    help="The portal's address; by default what the environment variable GRADER_PORTAL says.",
)
_ISOLATION = click.option(
    "--isolation",
    "tier",
    type=click.Choice(list(TIERS)),
    help="The tier to grade in; by default the best one that this machine offers.",
)
engine = click.option(
    "--engine", type=click.Choice(["docker", "podman"]), help="The engine of isolation container; by default either."
)
_GPUS = click.option(
    "--gpus", "gpu", type=click.IntRange(0), metavar="N", help="Let submissions use the GPU of this number."
)
_DEVICE = click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    help="What networks are trained on, cpu by default; with cuda no other check has the GPU.",
)
_STRICT = click.option(
    "--strict/--no-strict", default=None, help="A sandbox of its own for every submission (3 s each)."
)


def where(*, gpu: bool = True, strict: bool = False) -> Callable[[Command], Command]:
    """The options that say where to grade, handed on as one `WhereToGrade` called `where`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_where(*args: Any, where: dict[str, Any], **kwargs: Any) -> Any:
            return command(*args, where=WhereToGrade().but(**where), **kwargs)

        return changed_where(gpu=gpu, strict=strict)(with_where)

    return decorate


def changed_where(*, gpu: bool = True, strict: bool = False) -> Callable[[Command], Command]:
    """The same options, handed on as a mapping of those that were given."""
    options = [_ISOLATION, engine, *([_GPUS, _DEVICE] if gpu else []), *([_STRICT] if strict else [])]

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_where(*args: Any, **kwargs: Any) -> Any:
            names = [field.name for field in fields(WhereToGrade) if field.name in kwargs]
            where = {name: kwargs.pop(name) for name in names}
            return command(*args, where={name: one for name, one in where.items() if one is not None}, **kwargs)

        return functools.reduce(lambda made, option: option(made), reversed(options), with_where)

    return decorate


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
    help="The folder with CIFAR-10, for homework that trains on it; by default the value of GRADER_DATA.",
)

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
own_course = click.option("--course", type=FOLDER, help="The course's folder; by default the run's.")
ledger = click.option("--ledger", help="The ledger's address, if it has a password that libpq does not find.")

_CERTIFICATES = click.option(
    "--certificates",
    type=FOLDER,
    envvar="GRADER_CERTIFICATES",
    help="The cluster's folder of `grader cluster certificates`; by default the value of GRADER_CERTIFICATES.",
)
_INSECURE = click.option("--insecure", is_flag=True, help="Let tcp:// be used, which everybody can read and take over.")


def certificates(command: Command) -> Command:
    """The options that say how to talk to a scheduler: `certificates` and `insecure`."""
    return _CERTIFICATES(_INSECURE(command))


def load(course: Path, name: str) -> Homework:
    """The homework of this name in a course. Raises `UsageError`."""
    from grader.homework import find_course, load_homework

    return load_homework(find_course(course), name)
