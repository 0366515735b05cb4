"""Workers that grade nothing: they wait as long as a grading took, and answer what it answered."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import dask
import msgspec
from distributed import Worker

from grader.outcome import Check
from grader.run.cluster import messages
from grader.run.cluster.joining import _NO_DASHBOARD
from grader.run.cluster.messages import Landed, Welcome
from grader.run.cluster.plugin import Grading
from grader.run.cluster.trust import security


class Answers(msgspec.Struct):
    """What was measured: gradings with their seconds and files."""

    checks: tuple[Check, ...]
    landed: list[Landed]


class Simulated(Grading):
    """Stands for a host. `course` holds its `Answers`."""

    def setup(self, worker: Worker) -> None:
        self._answers = msgspec.msgpack.decode(self._course, type=Answers)

    async def teardown(self, worker: Worker) -> None:
        """Nothing was started."""

    async def greet(self) -> bytes:
        return messages.encode(Welcome(self._answers.checks, "none"))

    async def grade(self, number: int, job: bytes) -> bytes:
        given = messages.to_host.decode(job)
        assert isinstance(given, messages.Flight)
        one = self._answers.landed[number % len(self._answers.landed)]
        await asyncio.sleep(one.done.seconds)
        done = msgspec.structs.replace(one.done, number=number)
        return messages.encode(Landed(done, one.files))


async def join(address: str, certificates: Path, workers: int) -> None:
    """Run so many workers of one slot until this process is ended."""
    secured = security(address, certificates, insecure=False)
    with dask.config.set({"distributed.worker.http.routes": []}):
        joined = [
            await Worker(address, nthreads=1, name=f"w{n}", security=secured, memory_limit=0, **_NO_DASHBOARD)
            for n in range(workers)
        ]
    print("joined", flush=True)
    await asyncio.gather(*(one.finished() for one in joined))


if __name__ == "__main__":
    asyncio.run(join(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
