"""What makes a Dask worker one of ours: a plugin that the coordinator hands it, and what it asks of it.

The plugin starts a host (`grader.run.cluster.host`) as a child process and hands bytes on. The coordinator's questions
are coroutines in the worker's event loop, not Dask's tasks: each is answered once, or its connection breaks.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO

from distributed import Worker, WorkerPlugin

import grader
from grader.run import ipc
from grader.run.cluster import host, messages
from grader.run.cluster.messages import Landed, Lost, Over, Refused, Welcome
from grader.run.ipc import LENGTH, Checked

SILENT_SECONDS = 30.0  # after which a host hangs: it has a beat of a second
ENGINE = str(Path(grader.__file__).resolve().parent.parent)
LEAVE_SECONDS = 8.0  # for a host to end its workers


class Grading(WorkerPlugin):
    """Grades one run on a worker. It is sent to each worker once, with the course.

    It stays where the coordinator is killed, so that one that comes again finds its hosts warm.
    """

    def __init__(self, name: str, course: bytes) -> None:
        self.name = name
        self._course = course

    def setup(self, worker: Worker) -> None:
        """Dask's: the worker has the plugin now."""
        self._worker = worker
        self._host: _Host | None = None

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """Dask's: the worker ends, or the run has ended."""
        if self._host is not None:
            self._host.hang_up()
            await self._host.ended.wait()

    async def greet(self) -> bytes:
        """Start the host if it is not there. Returns its `Welcome`, or else `Refused` or `Over`."""
        if self._host is None or self._host.is_over:
            self._host = await _Host.start(self._course, self._worker, self.name)
        return await self._host.greeting

    async def grade(self, number: int, job: bytes) -> bytes:
        """Have a `Flight` graded. Returns `Landed`, `Lost`, `Refused` or `Over`."""
        if self._host is None or self._host.is_over:
            return messages.encode(Over("the host had ended", is_idle=True))
        return await self._host.ask(number, job)


async def greet(name: str, dask_worker: Worker) -> bytes:
    """Runs on a worker: what `Grading.greet` says; nothing where the worker does not know the run yet."""
    plugin = dask_worker.plugins.get(name)
    return await plugin.greet() if isinstance(plugin, Grading) else b""


async def introduce(name: str, plugin: Grading, dask_worker: Worker) -> bytes:
    """Runs on a worker: makes the run known to it, and greets.

    Not `Client.register_plugin`: that is for all workers at once, and one that joins meanwhile may be left out.
    """
    await dask_worker.plugin_add(plugin=plugin, name=name)
    return await plugin.greet()


async def leave(name: str, dask_worker: Worker) -> None:
    """Runs on a worker: the run has ended."""
    if name in dask_worker.plugins:
        await dask_worker.plugin_remove(name=name)


async def grade(name: str, number: int, job: bytes, dask_worker: Worker) -> bytes:
    """Runs on a worker: what `Grading.grade` says."""
    plugin = dask_worker.plugins.get(name)
    if not isinstance(plugin, Grading):
        return messages.encode(Over("the worker was told to forget this run", is_idle=True))
    return await plugin.grade(number, job)


class _Host:
    """A worker's side of its host."""

    def __init__(self, process: asyncio.subprocess.Process, words: IO[bytes], folder: Path) -> None:
        self._process, self._words, self._folder = process, words, folder
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self.greeting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.ended = asyncio.Event()
        self.is_over = False
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None]
        self._last = b""  # why it ended, if it said so

    @classmethod
    async def start(cls, course: bytes, worker: Worker, topic: str) -> _Host:
        """A host that gets ready. Its folder is for this user alone, and goes when it ends."""
        folder = Path(tempfile.mkdtemp(prefix="grader-", dir=worker.local_directory))
        words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the host
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                host.CODE.format(engine=ENGINE, descriptor=theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=words,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self = cls(process, words, folder)
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._writer.write(ipc.encode(messages.Begin(course, worker.state.nthreads, str(folder))))
        self._task = asyncio.create_task(self._listen(reader, worker, topic))
        return self

    async def ask(self, number: int, job: bytes) -> bytes:
        """The host's answer to a `Flight`."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._writer.write(len(job).to_bytes(LENGTH) + job)
        return await answer

    def hang_up(self) -> None:
        """Have it end; what it works on is dropped."""
        self._writer.close()

    async def _listen(self, reader: asyncio.StreamReader, worker: Worker, topic: str) -> None:
        try:
            while True:
                head = await asyncio.wait_for(reader.readexactly(LENGTH), SILENT_SECONDS)
                self._take(await reader.readexactly(int.from_bytes(head)), worker, topic)
        except (OSError, EOFError, TimeoutError):
            pass
        finally:
            await self._end()

    def _take(self, content: bytes, worker: Worker, topic: str) -> None:
        match messages.from_host.decode(content):
            case Welcome():
                self.greeting.set_result(content)
            case Landed(done=done):
                self._answer(done.number, content)
            case Lost(number=number):
                self._answer(number, content)
            case Checked():
                worker.log_event(topic, content)
            case Refused():
                self._last = content
            case _:  # it is alive
                pass

    def _answer(self, number: int, content: bytes) -> None:
        answer = self._waiting.pop(number)
        if not answer.done():  # nobody waits any more where the coordinator was killed
            answer.set_result(content)

    async def _end(self) -> None:
        self.is_over = True
        self._writer.close()
        try:
            code = await asyncio.wait_for(self._process.wait(), LEAVE_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            code = await self._process.wait()
        self._words.seek(0)
        lines = self._words.read().decode(errors="replace").strip().splitlines()
        self._words.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        said = f"a host ended with code {code}" + (f": {lines[-1]}" if lines else "")
        last = self._last or messages.encode(Over(said))
        for answer in [self.greeting, *self._waiting.values()]:
            if not answer.done():
                answer.set_result(last)
        self._waiting.clear()
        self.ended.set()
