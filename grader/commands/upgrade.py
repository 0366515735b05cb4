"""`grader doctor --course`: what this grader asks a course to change, which was made for another version."""

from __future__ import annotations

from pathlib import Path

import click
from packaging.version import Version

import grader
from grader.errors import GraderError, UsageError
from grader.homework import find_course, homework_names, load_homework
from grader.sandbox import layout
from grader.spec import Course, load_course

FINE, FALLS_SHORT = 0, 1
# (since which version, what it changed and what to do); docs/upgrading.md has them, too.
CHANGES = (
    ("0.1.0", "the self-check runs the public checks, and asks for a README.md and for public checks"),
    ("0.1.0", "the self-check holds the starter's signatures against the reference's: grader starter NAME"),
    ("0.1.0", "a ban that matches nothing is a fault: remove it, or correct the name"),
    ("0.1.0", "numpy's numbers count as numbers, and floats in dictionaries have a tolerance"),
    ("0.1.0", "sets and complex numbers are plain data, no handles"),
)


def run(start: Path) -> int:
    """Say what a course has to change. Returns 1 if something cannot be read, or was made for another version."""
    root = find_course(start)
    faults = []
    course = Course(name="course")
    try:
        course = load_course(root / "assignments")
    except UsageError as error:
        faults.append(str(error))
    for name in homework_names(root):
        try:
            homework = load_homework(root, name)
            _ = homework.reference_source, homework.starter_source, homework.alternatives, homework.mistakes
            layout.distributions(homework.assignment.sandbox.packages)
        except (UsageError, GraderError, SyntaxError) as error:
            faults.append(f"{name}: {error}")
    for fault in faults:
        click.secho(f"change   {fault}", fg="red")
    asked = since(course.grader)
    for version, change in asked:
        click.echo(f"{version:<8} {change}")
    here = grader.__version__
    if course.grader is None:
        click.echo(
            f'{root / "assignments" / "course.toml"} does not say its version. When all is done: grader = "{here}"'
        )
    elif Version(course.grader) > Version(here):
        click.secho(f"The course is made for grader {course.grader}; this is {here}: install the newer one.", fg="red")
        return FALLS_SHORT
    elif asked:
        click.echo(
            f'Made for grader {course.grader}; this is {here}. When all is done, in course.toml: grader = "{here}"'
        )
    else:
        click.echo(f"Made for grader {course.grader}, and this is {here}: nothing has to be changed for it.")
    click.echo("Then: grader selfcheck")
    return FALLS_SHORT if faults or asked else FINE


def since(version: str | None) -> list[tuple[str, str]]:
    """What has changed after this version; all of it, if a course does not say for which it is."""
    return [one for one in CHANGES if version is None or Version(one[0]) > Version(version)]
