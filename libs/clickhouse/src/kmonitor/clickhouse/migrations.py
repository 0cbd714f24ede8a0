"""Numbered SQL files, each applied once and in order, and never changed afterwards."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kmonitor.clickhouse.client import DATABASE, ClickHouse, Columns
from kmonitor.clickhouse.errors import NotNow
from kmonitor.clickhouse.queries.query import Sql

IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
NAME = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")
# Strings, quoted names and comments may hold a semicolon; only a bare one ends a statement.
PIECE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<quoted>'(?:[^'\\]|\\.|'')*'|`[^`]*`|\"[^\"]*\")|(?P<end>;)|(?P<other>.)",
    re.DOTALL,
)
CREATE_MIGRATIONS = """
CREATE TABLE IF NOT EXISTS migrations
(number UInt32, name String, sha256 String, applied_at DateTime('UTC') DEFAULT now())
ENGINE = ReplacingMergeTree ORDER BY number
"""
RETRY_S = 0.5


class MigrationRefused(Exception):
    """The folder and the database do not agree; the text says what to do."""


@dataclass(frozen=True)
class Migration:
    """One file: its number, its text and the checksum it is held to."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """Its statements, without comments."""
        gathered = ""
        for piece in PIECE.finditer(self.text + ";"):
            if piece["end"] is None:
                gathered += "" if piece["comment"] else piece[0]
                continue
            if gathered.strip():
                yield gathered.strip()
            gathered = ""


@dataclass(frozen=True)
class Statement:
    """Plain SQL of our own files."""

    text: str

    def sql(self) -> Sql:
        return Sql(self.text, {})


def read_migrations(folder: Path) -> list[Migration]:
    """The files of a folder in their order. Raises MigrationRefused on a wrong name or a number used twice."""
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        name = NAME.fullmatch(path.name)
        if name is None:
            raise MigrationRefused(f"{path} must be named NNNN_what_it_does.sql.")
        found.append(Migration(int(name["number"]), path.name, path.read_text("utf-8")))
    if not found:
        raise MigrationRefused(f"{folder} holds no migrations: set KMONITOR_SCHEMAS to the folder `schemas`.")
    for one, other in pairwise(found):
        if one.number == other.number:
            raise MigrationRefused(f"{one.name} and {other.name} have one number: renumber the newer one.")
    return found


def migrate(url: str, folder: Path, *, database: str = DATABASE, wait_s: float = 60.0) -> list[str]:
    """Bring the database to the state of the folder; the names of the files applied now.

    May be killed and repeated anywhere: a file is remembered after its last statement, and every statement
    of it may run again. Waits up to `wait_s` for ClickHouse to answer, then raises NotNow.
    """
    if not IDENTIFIER.fullmatch(database):
        raise MigrationRefused(f"{database!r} is no name for a database: use letters, digits and _.")
    migrations = read_migrations(folder)
    server = ClickHouse(url, database="default")
    ours = ClickHouse(url, database=database)
    try:
        _patiently(lambda: server.run(Statement(f"CREATE DATABASE IF NOT EXISTS {database}")), wait_s)
        ours.run(Statement(CREATE_MIGRATIONS))
        rows = ours.rows(Statement("SELECT number, sha256 FROM migrations FINAL ORDER BY number"))
        applied = {row["number"]: row["sha256"] for row in rows}
        pending = [each for each in migrations if not _is_applied(each, applied)]
        for each in pending:
            _apply(ours, each)
        return [each.name for each in pending]
    finally:
        server.close()
        ours.close()


def forget(url: str, *, database: str = DATABASE, wait_s: float = 60.0) -> None:
    """Drop every table: all of them are derived. Waits as `migrate` does."""
    if not IDENTIFIER.fullmatch(database):
        raise MigrationRefused(f"{database!r} is no name for a database: use letters, digits and _.")
    server = ClickHouse(url, database="default")
    try:
        _patiently(lambda: server.run(Statement(f"DROP DATABASE IF EXISTS {database} SYNC")), wait_s)
    finally:
        server.close()


def _is_applied(migration: Migration, applied: dict[int, str]) -> bool:
    known = applied.get(migration.number)
    if known is not None and known != migration.sha256:
        raise MigrationRefused(
            f"{migration.name} was changed after it had been applied: "
            "restore it, and put the change in a new file."
        )
    return known is not None


def _apply(database: ClickHouse, migration: Migration) -> None:
    for statement in migration.statements():
        database.run(Statement(statement))
    row = Columns("migrations", {"number": "UInt32", "name": "String", "sha256": "String"})
    row.add(migration.number, migration.name, migration.sha256)
    database.insert(row)


def _patiently(ask: Callable[[], None], wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return ask()
        except NotNow:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)
