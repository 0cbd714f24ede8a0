"""The spool's file: its tables, and how it is opened so that a power cut at any moment costs nothing."""

import sqlite3
from pathlib import Path

from kmonitor.terminal_agent.errors import CannotRun

OTHER_AGENT_S = 5.0
# Exclusive: a second agent on the same spool would number events too.
PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL")
TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS place (terminal TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
    queued INTEGER NOT NULL, left_out INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS hand_overs (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL, answer BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refused (seq INTEGER PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL,
    refused_at TEXT NOT NULL, raw BLOB);
COMMIT;
"""
"""In `refused`, `raw` is null when the gateway keeps the bytes in its quarantine, else they are only here."""


def open_database(file: Path) -> sqlite3.Connection:
    """Raises CannotRun."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(file, timeout=OTHER_AGENT_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise CannotRun(
            f"{file} cannot be opened ({error}): give the agent a folder it may write to."
        ) from error
    try:
        for pragma in PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
        db.executescript(TABLES)
    except sqlite3.DatabaseError as error:
        db.close()
        raise _trouble(file, error) from error
    return db


def _trouble(file: Path, error: sqlite3.DatabaseError) -> CannotRun:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY:
            return CannotRun(f"{file} is in use: another agent runs with it.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CannotRun(
                f"{file} is damaged ({error}): move it away and keep it, for what was not sent is in it; a new"
                " one begins a new epoch."
            )
        case _:
            return CannotRun(f"{file} cannot be used ({error}): mend the disk or its rights.")
