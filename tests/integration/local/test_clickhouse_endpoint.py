"""The unmodified client of ClickHouse against the engine behind our endpoint."""

import gzip
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import clickhouse_connect
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from kmonitor.local.clickhouse_server import Engine

LONG = "SELECT sum(sipHash64(number)) FROM numbers(100000000) SETTINGS max_threads = 1"
TABLE = """
CREATE OR REPLACE TABLE facts (
    terminal String, version UInt64, at DateTime64(3, 'UTC'), tags Array(String), note Nullable(String),
    region LowCardinality(String)
) ENGINE = ReplacingMergeTree(version) ORDER BY terminal
"""
COLUMNS = ["terminal", "version", "at", "tags", "note", "region"]
NOON = datetime(2026, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    with clickhouse_connect.get_client(dsn=engine.url) as admin:
        admin.command("CREATE DATABASE IF NOT EXISTS endpoint")
    with clickhouse_connect.get_client(dsn=f"{engine.url}/endpoint") as connected:
        connected.command(TABLE)
        yield connected


def row(terminal: str, version: int = 1) -> list[Any]:
    return [terminal, version, NOON, ["new"], None, "Тверь"]


def test_the_newest_version_of_a_row_is_read(client: Client) -> None:
    client.insert("facts", [row(f"t{n}") for n in range(1000)], column_names=COLUMNS)
    summary = client.insert("facts", [row("t7", version=2)], column_names=COLUMNS)
    assert summary.written_rows == 1
    assert client.query("SELECT count() FROM facts FINAL").result_rows == [(1000,)]
    found = client.query("SELECT * FROM facts FINAL WHERE terminal = {id:String}", parameters={"id": "t7"})
    # The client gives times in UTC without saying so.
    assert found.result_rows == [("t7", 2, NOON.replace(tzinfo=None), ["new"], None, "Тверь")]


@pytest.mark.parametrize("value", ["it's", "tab\tand\nnew line", "back\\slash", "да", "", "x" * 100_000])
def test_a_parameter_arrives_as_it_was(client: Client, value: str) -> None:
    assert client.query("SELECT {v:String}", parameters={"v": value}).result_rows == [(value,)]


def test_parameters_of_many_types(client: Client) -> None:
    answer = client.query(
        "SELECT {a:Array(String)}, {n:Int64}, {t:DateTime64(3, 'UTC')} = toDateTime64({s:String}, 3, 'UTC')",
        parameters={"a": ["it's", "b"], "n": -5, "t": NOON, "s": "2026-05-01 12:00:00.123"},
    )
    assert answer.result_rows == [(["it's", "b"], -5, 1)]


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_rows_go_in_and_out_in_any_compression(engine: Engine, client: Client, compression: str | bool) -> None:
    rows = [[f"t{n}", n, NOON, [], "x", "r"] for n in range(5000)]
    with clickhouse_connect.get_client(dsn=f"{engine.url}/endpoint", compress=compression) as compressing:
        compressing.insert("facts", rows, column_names=COLUMNS)
        read = compressing.query("SELECT version FROM facts ORDER BY version").result_columns[0]
    assert list(read) == list(range(5000))


def test_arrow_goes_in_and_out(client: Client) -> None:
    client.insert_arrow("facts", pa.table({"terminal": ["a", "b"], "version": pa.array([1, 2], pa.uint64())}))
    read = client.query_arrow("SELECT terminal, version FROM facts ORDER BY terminal", use_strings=True)
    assert read.to_pydict() == {"terminal": ["a", "b"], "version": [1, 2]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT nonsense", 47),
        ("SELECT * FROM nowhere", 60),
        ("SELEC 1", 62),
        ("SELECT throwIf(1)", 395),
        ("SELECT {v:UInt8}", 456),
        ("SELECT sleep(3) SETTINGS max_execution_time = 0.1", 159),
    ],
)
def test_a_refused_query_says_its_code(client: Client, query: str, code: int) -> None:
    with pytest.raises(DatabaseError) as refused:
        client.query(query)
    assert refused.value.code == code


def test_an_unreadable_insert_is_refused_and_writes_nothing(client: Client) -> None:
    with pytest.raises(DatabaseError) as refused:
        client.raw_insert("facts", insert_block=b"\x01\x05nothing like a block", fmt="Native")
    assert refused.value.code is not None
    assert client.command("SELECT count() FROM facts") == 0


def test_an_unknown_database_is_refused(engine: Engine) -> None:
    with pytest.raises(DatabaseError) as refused:
        clickhouse_connect.get_client(dsn=f"{engine.url}/nowhere")
    assert refused.value.code == 81


def test_a_setting_lasts_for_its_query_only(client: Client) -> None:
    asked = "SELECT getSetting('max_block_size')"
    before = client.query(asked).result_rows
    assert client.query(asked, settings={"max_block_size": 77}).result_rows == [(77,)]
    assert client.query(asked).result_rows == before


def test_a_big_insert_is_one_insert(client: Client) -> None:
    rows = pa.table({"terminal": [f"t{n}" + "x" * 100 for n in range(300_000)]})
    client.insert_arrow("facts", rows)
    assert client.command("SELECT count() FROM facts") == 300_000


def test_a_long_read_does_not_hold_up_the_others(engine: Engine, client: Client) -> None:
    done = threading.Event()

    def read_for_long() -> None:
        with clickhouse_connect.get_client(dsn=engine.url) as own:
            own.query(LONG)
        done.set()

    reading = threading.Thread(target=read_for_long)
    reading.start()
    try:
        deadline = time.monotonic() + 30
        while client.command("SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%'") < 2:
            assert time.monotonic() < deadline
        client.insert("facts", [row("t1")], column_names=COLUMNS)
        assert client.command("SELECT count() FROM facts") == 1
        assert not done.is_set()
    finally:
        reading.join()


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - our own engine
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_any_http_client_can_ask(engine: Engine) -> None:
    assert ask(f"{engine.url}/ping") == (200, b"Ok.\n")
    assert ask(f"{engine.url}/?query=SELECT%201") == (200, b"1\n")
    assert ask(engine.url, gzip.compress(b"SELECT 2"), **{"Content-Encoding": "gzip"}) == (200, b"2\n")


def test_refusals_have_the_status_of_their_kind(engine: Engine) -> None:
    status, text = ask(engine.url, b"SELEC 1")
    assert (status, text[:9]) == (400, b"Code: 62.")
    assert ask(engine.url, b"SELECT * FROM nowhere")[0] == 404
    assert ask(engine.url, b"garbage", **{"Content-Encoding": "gzip"})[0] == 400
