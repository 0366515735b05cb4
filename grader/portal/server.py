"""Runs the portal: one socket, one event loop, and the thread that starts grading processes."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from grader.errors import UsageError
from grader.portal.app import create_app
from grader.portal.hub import Hub
from grader.portal.web import Portal

CLOSE_SECONDS = 30  # that an upload which is under way may take when the server ends


class _Server(uvicorn.Server):
    """Ends the event streams first: who waits for them to end by themselves waits for ever."""

    hub: Hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn has it."""
        self.hub.close()
        super().handle_exit(sig, frame)


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; port 0 is any free one. Raises `UsageError`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(f"the portal cannot listen at {host}:{port}: {error.strerror or error}") from error
    with listening:
        yield listening


def serve(portal: Portal, listening: socket.socket, on_started: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; then what is being graded is finished."""

    class Server(_Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_started()

    config = uvicorn.Config(
        create_app(portal),
        log_level="warning",
        access_log=False,  # addresses of invitations are secrets
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    server = Server(config)
    server.hub = portal.hub
    server.run(sockets=[listening])
