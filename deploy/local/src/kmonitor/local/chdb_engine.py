"""The ClickHouse engine inside this process: one folder, one owner, many queries at a time."""

import fcntl
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil
from chdb import _chdb  # the bare connection: its wrapper adds data frames, which nobody here wants

from kmonitor.local.errors import CannotStart
from kmonitor.local.statements import Statement

LOCK_PATIENCE_S = 10.0
MIB = 1024 * 1024

# Sized for a machine of two cores that is shared with a broker and the services.
TUNING = {
    "max_threads": 2,
    "background_pool_size": 2,
    "background_schedule_pool_size": 2,
    "mark_cache_size": 256 * MIB,
    "max_server_memory_usage": max(1024 * MIB, psutil.virtual_memory().total // 4),
    # An insert is in a part on disk when it is answered.
    "async_insert": 0,
    # As a server does it: `1 + 1` alone is no query.
    "implicit_select": 0,
}

ERROR = re.compile(r"Code: (?P<code>\d+)\. ")
STD_EXCEPTION = 1001


class QueryFailed(Exception):
    """The engine refused a query; `code` is ClickHouse's."""

    def __init__(self, text: str) -> None:
        found = ERROR.search(text)
        self.code = int(found["code"]) if found else STD_EXCEPTION
        super().__init__(text[found.start() :] if found else f"Code: {STD_EXCEPTION}. DB::Exception: {text}")


@dataclass(frozen=True)
class Answer:
    """What a query gave, and the numbers of its X-ClickHouse-Summary."""

    body: bytes
    read_rows: int
    written_rows: int
    elapsed_s: float

    def summary(self) -> str:
        return json.dumps(
            {
                "read_rows": str(self.read_rows),
                "written_rows": str(self.written_rows),
                "result_rows": str(self.written_rows),
                "elapsed_ns": str(int(self.elapsed_s * 1e9)),
            }
        )


class ChdbEngine:
    """Owns the folder until `close`.

    Measured with chDB 4.4: one connection runs one query at a time, and holds its own database and settings;
    connections run side by side, and opening one costs 0.15 ms. So each query gets a fresh connection, and what
    it sets dies with it. The first connection stays open, for the engine lives as long as any does.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._lock = _own(path)
        tuning = "&".join(f"{name}={value}" for name, value in TUNING.items())
        self._address = f"{path.resolve()}?{tuning}"
        self._anchor = self._connect()

    def run(self, statement: Statement) -> Answer:
        """Run one query to its end in the calling thread. Raises QueryFailed."""
        connection = self._connect()
        try:
            _prepare(connection, statement)
            if statement.data is None:
                return _query(connection, statement)
            return _insert(connection, statement.sql.decode(), statement.input_format, statement.data)
        except RuntimeError as error:
            raise QueryFailed(str(error)) from error
        finally:
            connection.close()

    def close(self) -> None:
        self._anchor.close()
        os.close(self._lock)

    def _connect(self) -> Any:
        return _chdb.connect(self._address)  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _own(path: Path) -> int:
    """Lock the folder; a predecessor that is just dying is waited for."""
    lock = os.open(path / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(lock)
                raise CannotStart(
                    f"Another engine owns {path}: stop it, or choose another folder with --path."
                ) from error
        time.sleep(0.05)


def _prepare(connection: Any, statement: Statement) -> None:
    if statement.database:
        connection.query(f"USE {_name(statement.database)}", "Null")
    if statement.settings:
        pairs = ", ".join(f"{_name(name)} = {_text(value)}" for name, value in statement.settings.items())
        connection.query(f"SET {pairs}", "Null")


def _query(connection: Any, statement: Statement) -> Answer:
    result = connection.query(
        statement.sql.decode(), statement.output_format, params=dict(statement.parameters)
    )
    return Answer(result.bytes(), result.rows_read(), result.rows_written(), result.elapsed())


def _insert(connection: Any, sql: str, input_format: str, data: bytes) -> Answer:
    inserting = connection.send_insert(sql, input_format)
    try:
        if data:
            connection.insert_append(inserting, data)
        result = connection.insert_done(inserting)
    except RuntimeError:
        connection.insert_cancel(inserting)
        raise
    return Answer(b"", 0, result.rows_written(), result.elapsed())


def _name(identifier: str) -> str:
    escaped = identifier.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
