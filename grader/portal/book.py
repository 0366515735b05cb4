"""The portal's database: one SQLite file, opened by one server at a time and its grading processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from grader.errors import GraderError
from grader.portal import tables as t

FILE = "portal.sqlite"
BUSY_SECONDS = 10.0
CONNECTIONS = 40  # as many as threads that answer requests


def now_text() -> str:
    """This moment as the tables have it: such texts sort as the moments do."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Book:
    """An open database. Raises `GraderError` where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / FILE
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS},
            pool_size=CONNECTIONS,
            max_overflow=0,
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        try:
            with self.writing() as connection:
                self._settle(connection)
        except SQLAlchemyError as error:
            raise GraderError(f"the portal's database {path} cannot be used: {error}") from error

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and hinders nobody."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is alone, and on the disk when it ends."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def _settle(self, connection: Connection) -> None:
        """Make the tables, or see that they are of this version."""
        if not inspect(connection).get_table_names():
            t.metadata.create_all(connection)
            connection.execute(insert(t.schema).values(version=t.VERSION))
        version = connection.scalar(select(t.schema.c.version))
        if version != t.VERSION:
            raise GraderError(
                f"the portal's database in {self.folder} has version {version}, and this grader knows {t.VERSION}. "
                "It is left as it is; use the grader that it was made with."
            )


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin by `_begin`
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def note(connection: Connection, by: str, act: str, about: str, before: str = "", after: str = "") -> None:
    """Write down what staff did."""
    values = {"at": now_text(), "by": by, "act": act, "about": about, "before": before, "after": after}
    connection.execute(insert(t.audit).values(**values))
