"""What an HTTP request asks of the engine, read as ClickHouse's own HTTP interface reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Names in the URL that steer the transport; every other name is a setting of the query.
TRANSPORT = frozenset(
    {
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "quota_key",
        "role",
        "session_id",
        "session_timeout",
        "session_check",
        "query_id",
        "compress",
        "decompress",
        "buffer_size",
        "wait_end_of_query",
        "client_protocol_version",
        "enable_http_compression",
        "http_zlib_compression_level",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
        "stacktrace",
        "close_session",
    }
)

INSERT_WITH_DATA = re.compile(
    rb"""(?P<insert>INSERT\s+INTO\s(?:(?!\bSELECT\b|\bVALUES\b).)*?)   # table, columns, settings
         \bFORMAT\s+(?P<format>\w+)[ \t]*;?[ \t]*(?:\r?\n|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
LEADING_COMMENTS = re.compile(rb"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
FORMAT_CLAUSE = re.compile(rb"\bFORMAT\s+(?P<format>\w+)\s*(?:SETTINGS\s[^()]*)?;?\s*$", re.IGNORECASE)
READING = re.compile(rb"(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXISTS|EXPLAIN|\()", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One query with all that comes with it."""

    sql: bytes
    data: bytes | None = None
    """The rows of an insert, in `input_format`; None when the SQL is complete in itself."""
    input_format: str = ""
    output_format: str = "TabSeparated"
    database: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_reading(self) -> bool:
        """True for what changes nothing: it has its own lane beside the writers."""
        return READING.match(self.sql, _start(self.sql)) is not None


def read_statement(url: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Statement:
    """The query is the URL's followed by the body's; the body of an insert goes on with its rows."""
    sql, data, input_format = _split(url.get("query", "").encode(), body)
    clause = FORMAT_CLAUSE.search(sql[-4096:])
    asked = url.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"
    return Statement(
        sql=sql,
        data=data,
        input_format=input_format,
        output_format=clause["format"].decode() if clause else asked,
        database=url.get("database") or headers.get("x-clickhouse-database", ""),
        parameters={name[6:]: value for name, value in url.items() if name.startswith("param_")},
        settings={
            name: value
            for name, value in url.items()
            if name not in TRANSPORT and not name.startswith("param_") and value != ""
        },
    )


def _split(query: bytes, body: bytes) -> tuple[bytes, bytes | None, str]:
    """The text of the query, the rows that follow it, and their format."""
    if query:
        found = _insert_head(query)
        if found is not None and found.end() == len(query):
            return found["insert"], body, found["format"].decode()
        return (query + b"\n" + body if body else query), None, ""
    found = _insert_head(body)
    if found is None:
        return body, None, ""
    return found["insert"], body[found.end() :], found["format"].decode()


def _insert_head(text: bytes) -> re.Match[bytes] | None:
    return INSERT_WITH_DATA.match(text, _start(text))


def _start(text: bytes) -> int:
    """Where the statement begins after comments and spaces."""
    comments = LEADING_COMMENTS.match(text)
    return comments.end() if comments else 0
