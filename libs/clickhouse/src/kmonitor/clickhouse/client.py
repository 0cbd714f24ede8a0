"""ClickHouse over HTTP: rows go in by columns, questions are values, and a «not now» is told from a «never»."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import urllib3.exceptions
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from kmonitor.clickhouse.errors import NotNow, Refused
from kmonitor.clickhouse.queries.query import Query

DATABASE = "kmonitor"

# Each is a state that passes: of the server (restarting, out of memory, merging behind), or of the way to it.
PASSING = frozenset(
    {
        3,  # UNEXPECTED_END_OF_FILE
        32,  # ATTEMPT_TO_READ_AFTER_EOF
        159,  # TIMEOUT_EXCEEDED
        160,  # TOO_SLOW
        164,  # READONLY
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        236,  # ABORTED
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        285,  # TOO_FEW_LIVE_REPLICAS
        286,  # UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
        319,  # UNKNOWN_STATUS_OF_INSERT
        394,  # QUERY_WAS_CANCELLED
        439,  # CANNOT_SCHEDULE_TASK
        473,  # DEADLOCK_AVOIDED
        745,  # SERVER_OVERLOADED
        999,  # KEEPER_EXCEPTION
    }
)
AWAY_STATUSES = ("502", "503", "504")

INSERTING = {
    "async_insert": 0,
    # A backlog with a broken clock may touch every month of the clamped years.
    "max_partitions_per_insert_block": 0,
}
EXACT_BYTES = {"body": "bytes", "value": "bytes", "key": "bytes"}
READING = {"do_not_merge_across_partitions_select_final": 1}


class Columns:
    """Rows of one table, gathered by columns: the shape in which the engine takes them fastest."""

    def __init__(self, table: str, types: Mapping[str, str]) -> None:
        self.table = table
        self.names = tuple(types)
        self.types = tuple(types.values())
        self.values: tuple[list[Any], ...] = tuple([] for _ in types)

    def __len__(self) -> int:
        return len(self.values[0])

    def add(self, *row: Any) -> None:
        for column, value in zip(self.values, row, strict=True):
            column.append(value)


class ClickHouse:
    """One connection to the database; for one thread at a time.

    Raises `NotNow` for whatever passes by itself, `Refused` for the rest.
    """

    def __init__(self, url: str, *, database: str = DATABASE, timeout_s: float = 60.0) -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._database = database
        self._timeout_s = timeout_s
        self._client: Any = None

    def rows(self, query: Query, settings: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The answer, each row by its column names; instants are aware and in UTC."""
        text, parameters = query.sql()
        with self._translated():
            answer = self._connected().query(
                text,
                parameters=bound(parameters),
                settings={**READING, **(settings or {})},
                column_formats=EXACT_BYTES,
            )
            return list(answer.named_results())

    def columns(self, query: Query) -> dict[str, Sequence[Any]]:
        """The answer by columns, for many rows."""
        text, parameters = query.sql()
        with self._translated():
            answer = self._connected().query(
                text, parameters=bound(parameters), settings=READING, column_oriented=True
            )
            values = answer.result_columns or [[] for _ in answer.column_names]
            return dict(zip(answer.column_names, values, strict=True))

    def insert(self, rows: Columns) -> None:
        """Insert the rows in one request; it may be repeated. No rows, no request."""
        if not len(rows):
            return
        with self._translated():
            self._connected().insert(
                rows.table,
                rows.values,
                column_names=rows.names,
                column_type_names=rows.types,
                column_oriented=True,
                settings=INSERTING,
            )

    def run(self, query: Query) -> None:
        """A statement that answers nothing, as INSERT … SELECT."""
        text, parameters = query.sql()
        with self._translated():
            self._connected().command(text, parameters=bound(parameters), settings=READING | INSERTING)

    def ping(self) -> None:
        """Raises NotNow while ClickHouse does not answer."""
        with self._translated():
            self._connected().command("SELECT 1")

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Any:
        if self._client is None:
            self._client = clickhouse_connect.get_client(
                host=self._parts.hostname,
                port=self._parts.port,
                interface=self._parts.scheme,
                database=self._database,
                connect_timeout=5,
                send_receive_timeout=self._timeout_s,
                autogenerate_session_id=False,
                query_retries=0,
                tz_mode="aware",
                form_encode_query_params=True,
                compress=False,
            )
        return self._client

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NotNow(f"ClickHouse at {self.url} does not answer: {type(error).__name__}") from error
        except ClickHouseError as error:
            raise (NotNow if passes(error) else Refused)(_told(error)) from error


def passes(error: ClickHouseError) -> bool:
    """Whether what ClickHouse said is a state that passes by itself."""
    code = getattr(error, "code", None)
    if code is not None:
        return code in PASSING
    if isinstance(error, OperationalError):
        return True
    return isinstance(error, DatabaseError) and any(f"status {each}" in str(error) for each in AWAY_STATUSES)


def bound(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Instants as text in UTC: left to itself the client drops their fractions."""
    return {
        name: value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
        for name, value in parameters.items()
    }


def _told(error: ClickHouseError) -> str:
    """The first line of what the server said: the rest may hold rows."""
    return str(error).splitlines()[0][:500]
