"""`grader cluster` and `grader worker`: many machines for a class. Dask is imported where it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import options
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.run.classrun import ClassRun
    from grader.run.executor import Prepare


@click.group(short_help="Make certificates and a scheduler for grading on many machines (TAs).")
def cluster() -> None:
    """Make what a cluster of workers needs: see docs/many-machines.md."""


@cluster.command(short_help="The certificate of a cluster.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def certificates(folder: Path) -> None:
    """Make FOLDER with a certificate for scheduler, workers and coordinator, and Dask's configuration for it.

    Whoever has FOLDER takes part in the cluster, and can run code as any of its users.
    """
    need_dask()
    from grader.run.cluster import trust

    trust.make_certificates(folder)
    click.echo(f"Keep {folder} as you keep a password, and give every machine of the cluster a copy.")
    click.echo(f"For Dask's own launchers: export DASK_CONFIG={folder.resolve()}")


@cluster.command(short_help="Run a scheduler.")
@click.argument("address", default="tls://127.0.0.1:8786")
@options.certificates
def scheduler(address: str, certificates: Path | None, *, insecure: bool) -> None:
    """Run a scheduler at ADDRESS until it is ended: tls://HOST:PORT, by default for this machine alone."""
    need_dask()
    from grader.run.cluster import joining, trust

    joining.schedule(address, trust.security(address, certificates, insecure=insecure), click.echo)


@click.command(short_help="Grade on this machine for a cluster (TAs).")
@click.option("--scheduler", required=True, metavar="ADDRESS", help="tls://HOST:PORT.")
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), help="Slots; by default one per core.")
@click.option("--folder", type=options.FOLDER, help="Where courses are unpacked; by default Dask's, in /tmp.")
@options.certificates
def worker(scheduler: str, jobs: int | None, folder: Path | None, certificates: Path | None, *, insecure: bool) -> None:
    """Grade on this machine what coordinators (`grader grade --scheduler ADDRESS`) send, until it is ended.

    When the scheduler goes, the worker waits and joins again. It keeps nothing.
    """
    need_dask()
    from grader.run.cluster import joining, trust

    slots = jobs or len(os.sched_getaffinity(0))
    secured = trust.security(scheduler, certificates, insecure=insecure)
    joining.work(scheduler, secured, slots, str(folder) if folder else None, click.echo)


def need_dask() -> None:
    """Raises `UsageError` where Dask is not installed."""
    try:
        import cryptography  # noqa: F401
        import distributed  # noqa: F401
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed: pip install 'grader[cluster]'") from error


def on_cluster(
    classrun: ClassRun, address: str, certificates: Path | None, say: Callable[[str], None], *, insecure: bool
) -> Prepare:
    """The executor of a class on a cluster. Raises `UsageError`."""
    need_dask()
    from grader.run.cluster import messages, trust
    from grader.run.cluster.coordinator import Cluster
    from grader.run.ipc import Setup

    secured = trust.security(address, certificates, insecure=insecure)

    def prepare(*arguments: Any, **callbacks: Any) -> Cluster:
        def course(setup: Setup) -> messages.Course:
            return messages.course(classrun.homework, setup, classrun.environment)

        return Cluster(*arguments, **callbacks, address=address, security=secured, course=course, say=say)

    return prepare
