from __future__ import annotations

import os
import sqlite3
import stat

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from grader.errors import UsageError
from grader.ledger import database
from grader.ledger.database import HEAD, KNOWN, LedgerError, address, open_engine, shown
from grader.ledger.tables import metadata


def migrated_to(where: str, version: str) -> None:
    """A ledger as that version of the grader left it."""
    from alembic import command

    engine = database.create_engine(address(where))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "grader/ledger/migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_uses(where):
    engine = open_engine(where)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_code_knows_every_migration():
    config = Config()
    config.set_main_option("script_location", "grader/ledger/migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == HEAD
    assert sorted(one.revision for one in scripts.walk_revisions()) == list(KNOWN)


def test_a_ledger_of_an_older_version_is_brought_up_to_date_and_keeps_its_rows(where):
    migrated_to(where, "0001")
    engine = database.create_engine(address(where))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO runs (key, assignment, seed, started_at) VALUES ('k', 'hw0', 'ab', '2027-01-01')")
        )
    engine.dispose()
    engine = open_engine(where)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
        assert connection.scalar(text("SELECT assignment FROM runs")) == "hw0"
        assert connection.scalar(text("SELECT count(*) FROM adjustments")) == 0
    engine.dispose()


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(where):
    open_engine(where).dispose()
    engine = database.create_engine(address(where))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        LedgerError, match=r"written by a newer version of the grader .*9999.* Install the newer grader"
    ):
        open_engine(where)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


def test_a_database_of_somebody_else_is_refused(where):
    engine = database.create_engine(address(where))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE cats (name TEXT)"))
    engine.dispose()
    with pytest.raises(LedgerError, match="holds tables that are no ledger's"):
        open_engine(where)


def test_a_sqlite_ledger_is_its_owners_alone_and_written_ahead(tmp_path):
    path = tmp_path / "ledger.sqlite"
    engine = open_engine(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL: a commit survives the power's going
    engine.dispose()


def test_a_locked_ledger_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    path = tmp_path / "ledger.sqlite"
    open_engine(path).dispose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="another program holds it. End that one, or wait for it"):
        open_engine(path)
    other.execute("ROLLBACK")
    other.close()
    open_engine(path).dispose()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look at" * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_what_is_no_database_is_a_sentence(tmp_path, content):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="it is corrupted"):
        open_engine(path)
    assert path.read_bytes() == content


def test_a_ledger_with_a_damaged_page_is_a_sentence(tmp_path):
    path = tmp_path / "ledger.sqlite"
    engine = open_engine(path)
    with engine.begin() as connection:
        rows = [{"k": f"k{n}", "v": "x" * 900} for n in range(200)]
        connection.execute(text("INSERT INTO judges VALUES (:k, 's', :v, '')"), rows)
    engine.dispose()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(4096))
    with pytest.raises(LedgerError, match="it is corrupted"):
        open_engine(path)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(LedgerError, match="it cannot be opened; its folder must be there"):
        open_engine(tmp_path / "nowhere" / "ledger.sqlite")


def test_a_server_that_does_not_answer_is_a_sentence():
    with pytest.raises(LedgerError, match="the ledger postgresql.*the database says: connection"):
        open_engine("postgresql://grader@127.0.0.1:1/none")


@pytest.mark.parametrize("where", ["mysql://x/y", "postgresql:///\x00:://", "://"])
def test_an_address_that_is_none_is_wrong_usage(where):
    with pytest.raises((UsageError, LedgerError)):
        open_engine(where)


def test_a_password_is_never_shown():
    assert "secret" not in shown("postgresql://ta:secret@db.example.org/class")
    with pytest.raises(LedgerError) as raised:
        open_engine("postgresql://ta:secret@127.0.0.1:1/none")
    assert "secret" not in str(raised.value)
