"""A sandbox for trainings on a GPU: each gets a fork that has opened the GPU already, and the GPU for itself."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Self

from grader.sandbox import gpu
from grader.sandbox.fork import Fork
from grader.sandbox.zygote import Zygote


class Trainer:
    """Hands out forks on one GPU. Use as a context manager, from one thread.

    The zygote behind it imports torch once and never opens the GPU, for what CUDA sets up does not survive a fork. Each
    fork does, while it waits; it serves one training and ends.
    """

    def __init__(self, zygote: Zygote, number: int) -> None:
        self._zygote = zygote
        self._number = number

    def __enter__(self) -> Self:
        self._zygote.__enter__()
        try:
            self.prove()
            self._zygote.order_spare()
        except BaseException:
            self._zygote.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._zygote.close()

    @property
    def device(self) -> str:
        """The GPU by its own name: "cuda:0 (NVIDIA H100)"."""
        return self._zygote.device

    @property
    def settings(self) -> tuple[str, ...]:
        """What makes a training come out the same twice, as far as that can be."""
        return self._zygote.settings

    def take(self) -> Fork:
        """A fork that has opened the GPU. Raises `InfraError` where the GPU does not answer."""
        asked = time.monotonic()
        self._zygote.renew()
        fork = self._zygote.take()
        fork.delayed = time.monotonic() - asked  # to open a GPU takes seconds, and the suite decides how often
        return fork

    def prove(self) -> None:
        """Look at the GPU without any student's code: a fresh fork opens it and multiplies two matrices.

        Raises `InfraError` where it does not, or the product is wrong.
        """
        self._zygote.take().kill()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Have the GPU for one training. The next fork opens it as soon as this one is done with."""
        try:
            with gpu.alone(self._number):
                yield
        finally:
            self._zygote.request_inventory()
            self._zygote.order_spare()
