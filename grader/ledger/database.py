"""Open a ledger's database, bring its tables up to date, and say in a sentence what is wrong with it.

SQLite at a path, PostgreSQL (psycopg) by URL. A ledger of an older version is migrated by alembic; one of a newer
version is refused and left as it is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from grader.errors import GraderError, UsageError

HEAD = "0006"
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006")
BUSY_SECONDS = 5.0  # that another program may hold a SQLite ledger
WORDS = (  # what a database says → what it means and what to do
    ("database or disk is full", "there is no room left on its disk. Make room, then run the same command again"),
    ("no space left", "there is no room left on its disk. Make room, then run the same command again"),
    ("disk i/o error", "its disk fails to read or write. Look at the disk (is it full?), then run the command again"),
    ("database is locked", "another program holds it. End that one, or wait for it, then run the command again"),
    (
        "not a database",
        "it is corrupted, or no ledger at all. Move it away and grade again; the reports that are written stay",
    ),
    ("malformed", "it is corrupted. `sqlite3 ledger.sqlite .recover` may save it; or move it away and grade again"),
    ("attempt to write a readonly", "this user may not write to it"),
    ("readonly database", "this user may not write to it"),
    ("unable to open", "it cannot be opened; its folder must be there, and this user must be allowed to write to it"),
)


class LedgerError(GraderError):
    """The ledger cannot be read or written; the message is a sentence for the TA. Nothing that it holds is lost."""


def open_engine(where: str | Path) -> Engine:
    """A ledger's database, its tables up to date. Raises `LedgerError`, or `UsageError` for what is no address."""
    url = address(where)
    engine = create_engine(url, connect_args=_arguments(url))
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        _make_private(Path(url.database or ""))
    with spoken(where):
        try:
            with engine.begin() as connection:
                _bring_up_to_date(connection, where)
            with engine.connect() as connection:
                _check(connection, where)
        except BaseException:
            engine.dispose()
            raise
    return engine


def address(where: str | Path) -> URL:
    """The database's URL: of a SQLite file for a path. Raises `UsageError`."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise UsageError(f"{where!r} is no address of a ledger: a path, or postgresql://user@host/database") from error
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise UsageError(f"a ledger is kept in SQLite or PostgreSQL; {backend!r} is neither")
    return url.set(drivername="postgresql+psycopg") if backend == "postgresql" else url


@contextlib.contextmanager
def spoken(where: str | Path) -> Iterator[None]:
    """Whatever the database complains about inside becomes a `LedgerError` that says what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        raise LedgerError(f"the ledger {shown(where)}: {_meaning(error)}.") from error


def shown(where: str | Path) -> str:
    """The ledger's address without its password."""
    return address(where).render_as_string(hide_password=True).removeprefix("sqlite:///")


def _meaning(error: SQLAlchemyError) -> str:
    said = str(error.orig) if isinstance(error, DatabaseError) and error.orig is not None else str(error)
    for words, meaning in WORDS:
        if words in said.lower():
            return meaning
    return f"the database says: {' '.join(said.split())}"


def _arguments(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_SECONDS}
    return {"connect_timeout": 10}


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions by `_begin`, also around a migration
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # who reads first and writes later would be told "locked" at once


def _make_private(path: Path) -> None:
    """It holds the seed and the hidden checks. SQLite gives its journal the same permissions."""
    with contextlib.suppress(OSError):  # what is wrong with it is said when it is opened
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _bring_up_to_date(connection: Connection, where: str | Path) -> None:
    version = _version(connection)
    if version == HEAD:
        return
    if version is not None and version not in KNOWN:
        raise LedgerError(
            f"the ledger {shown(where)} was written by a newer version of the grader (its tables have version "
            f"{version}, this one knows up to {HEAD}). Install the newer grader; the ledger is left as it is."
        )
    if version is None and inspect(connection).get_table_names():
        raise LedgerError(f"the database {shown(where)} holds tables that are no ledger's. Choose another one.")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(select(sql_column("version_num")).select_from(table("alembic_version"))).scalar()
    return None if found is None else str(found)


def _check(connection: Connection, where: str | Path) -> None:
    if connection.dialect.name != "sqlite":
        return
    fault = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if fault != "ok":
        raise LedgerError(f"the ledger {shown(where)}: {dict(WORDS)['malformed']} ({fault}).")
