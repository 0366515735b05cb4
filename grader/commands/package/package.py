"""`grader package`. Heavy imports stay inside the commands, as in `cli`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.commands import options


@click.group(short_help="Make images and Gradescope's archive, to grade on another machine.")
def package() -> None:
    """Make what another machine grades with: the images of isolation container, Gradescope's autograder.zip."""


_wheels = click.option(
    "--wheels",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder of wheels.",
)
_base = click.option("--base", default="python:3.12-slim-bookworm", show_default=True, help="The image to start from.")


@package.command(short_help="The image that submissions run in.")
@_wheels
@_base
@click.option("--cuda", is_flag=True, help="The image for a GPU: the wheels are of torch's CUDA build.")
@click.option(
    "--package", "packages", multiple=True, metavar="NAME", help="As in `sandbox.packages` of a homework; repeatable."
)
@options.engine
def guest(wheels: Path | None, base: str, cuda: bool, packages: tuple[str, ...], engine: str | None) -> None:
    """Build the image that submissions run in: Python, torch, numpy, the guest's code, and nothing secret."""
    from grader.commands.package import image

    image.build_guest(wheels or Path("wheels"), base, engine, cuda=cuda, packages=packages)


@package.command(short_help="The image of a judge.")
@_wheels
@_base
@options.engine
def judge(wheels: Path | None, base: str, engine: str | None) -> None:
    """Build the image of a judge, which grades in isolation in-container. The course is mounted when it runs."""
    from grader.commands.package import image

    image.build_judge(wheels or Path("wheels"), base, engine)


@package.command(short_help="One homework as Gradescope's autograder.zip.")
@click.argument("homework")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("autograder.zip"), show_default=True
)
@_wheels
@click.option("--torch-index", default="", help="The index of torch's CPU builds, if there are no --wheels.")
@click.option("--at-most", type=click.IntRange(0), default=0, help="Submissions graded in any --hours; 0: all.")
@click.option("--hours", type=click.FloatRange(0, min_open=True), default=24.0, show_default=True)
@options.course
def gradescope(
    homework: str, out: Path, wheels: Path | None, torch_index: str, at_most: int, hours: float, course: Path
) -> None:
    """Pack HOMEWORK as Gradescope's autograder.zip. It holds the hidden suite and the model answer."""
    from grader.commands.package.gradescope import archive
    from grader.commands.package.gradescope.settings import Settings
    from grader.homework import find_course

    settings = Settings(homework, at_most, hours, torch_index)
    sys.exit(archive.run(options.load(course, homework), find_course(course), out, wheels, settings))
