"""Runs a scheduler or a worker of a cluster, in the foreground, until it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import dask
from distributed import Scheduler, Worker
from distributed.security import Security

from grader.sandbox import gpu

REJOIN_SECONDS = 1.0
CONNECT_SECONDS = 30.0
LEAVE_SECONDS = 15.0  # for everything to be closed, a host's workers too
_SETTINGS: dict[str, Any] = {
    # No page and no statistics for whoever reaches the port: there is nothing behind it.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.reuse-broadcast-comm": True,  # each job would have a TLS handshake of its own
}
_NO_DASHBOARD: dict[str, Any] = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}


def schedule(address: str, security: Security, say: Callable[[str], None]) -> None:
    """Run a scheduler at this address."""

    async def run() -> None:
        async with Scheduler(host=address, security=security, **_NO_DASHBOARD) as scheduler:
            say(f"scheduler at {scheduler.address}")
            await scheduler.finished()

    _until_ended(run())


def work(address: str, security: Security, slots: int, folder: str | None, say: Callable[[str], None]) -> None:
    """Run a worker, which joins again whenever its scheduler has gone and come back."""
    gpus = sum(not gpu.missing(number) for number in range(64))

    async def run() -> None:
        is_away = False
        while True:
            try:
                async with Worker(
                    address,
                    nthreads=slots,
                    resources={"GPU": gpus} if gpus else {},
                    security=security,
                    memory_limit=0,  # what needs memory is in the host's processes, under limits of their own
                    local_directory=folder,
                    death_timeout=CONNECT_SECONDS,
                    **_NO_DASHBOARD,
                ) as worker:
                    say(f"worker {worker.address} with {slots} slots and {gpus or 'no'} GPU has joined {address}")
                    is_away = False
                    await worker.finished()
                say(f"the scheduler at {address} has gone")
            except (OSError, RuntimeError, TimeoutError) as error:  # what Dask raises where it cannot join
                if not is_away:
                    say(f"cannot join {address}, and go on trying: {error.__cause__ or error}")
                is_away = True
            await asyncio.sleep(REJOIN_SECONDS)

    _until_ended(run())


def _until_ended(running: Coroutine[Any, Any, None]) -> None:
    """Run until SIGTERM or Ctrl-C, and close what is open then."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)

    async def run() -> None:
        ended = asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, ended.set)
        task, ends = asyncio.ensure_future(running), asyncio.ensure_future(ended.wait())
        await asyncio.wait([task, ends], return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        await asyncio.wait([task], timeout=LEAVE_SECONDS)
        if not task.done():
            os._exit(0)  # Dask waits for answers that nobody gives any more
        with contextlib.suppress(asyncio.CancelledError):
            task.result()

    os.umask(0o077)
    with dask.config.set(_SETTINGS):
        asyncio.run(run())
