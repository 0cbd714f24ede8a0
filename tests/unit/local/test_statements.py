"""How a request becomes a statement of the engine."""

import pytest

from kmonitor.local.statements import Statement, read_statement


def read(body: bytes = b"", **url: str) -> Statement:
    return read_statement(url, {}, body)


def test_a_query_in_the_body() -> None:
    assert read(b"SELECT 1\n FORMAT Native") == Statement(b"SELECT 1\n FORMAT Native", output_format="Native")


def test_a_query_in_the_url_goes_on_in_the_body() -> None:
    assert read(b"(1),(2)", query="INSERT INTO t VALUES").sql == b"INSERT INTO t VALUES\n(1),(2)"


def test_the_rows_of_an_insert_follow_its_head_in_the_body() -> None:
    read_one = read(b"INSERT INTO t (`a`, `format`) FORMAT Native\n\x01\x02FORMAT x\n")
    assert (read_one.sql.strip(), read_one.data) == (b"INSERT INTO t (`a`, `format`)", b"\x01\x02FORMAT x\n")
    assert read_one.input_format == "Native"


def test_the_rows_of_an_insert_in_the_url_are_the_whole_body() -> None:
    read_one = read(b"\n1\n", query="INSERT INTO t SETTINGS max_threads = 1 FORMAT CSV")
    assert (read_one.sql.strip(), read_one.data) == (b"INSERT INTO t SETTINGS max_threads = 1", b"\n1\n")


def test_an_insert_without_rows_is_still_an_insert() -> None:
    assert read(b"", query="INSERT INTO t FORMAT Native").data == b""


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO t SELECT 1 FORMAT Native\n",
        b"INSERT INTO t VALUES ('FORMAT CSV\n')",
        b'INSERT INTO t FORMAT JSONEachRow {"a": 1}',
        b"CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a",
    ],
)
def test_a_statement_that_is_complete_in_itself_stays_whole(text: bytes) -> None:
    assert read(text).sql == text
    assert read(text).data is None


def test_what_is_neither_transport_nor_parameter_is_a_setting() -> None:
    statement = read(
        b"SELECT {a:String}", database="k", param_a="x", max_threads="1", session_id="s", wait_end_of_query="1"
    )
    assert statement.database == "k"
    assert statement.parameters == {"a": "x"}
    assert statement.settings == {"max_threads": "1"}


@pytest.mark.parametrize(
    ("text", "is_reading"),
    [
        (b"SELECT 1", True),
        (b" -- why\n/* and */ with 1 as a select a", True),
        (b"INSERT INTO t SELECT 1", False),
        (b"OPTIMIZE TABLE t FINAL", False),
        (b"DROP TABLE t", False),
    ],
)
def test_readers_and_writers_have_lanes_of_their_own(text: bytes, is_reading: bool) -> None:
    assert read(text).is_reading is is_reading


def test_the_format_is_the_querys_then_the_urls_then_tabs() -> None:
    assert read(b"SELECT 1 FORMAT JSON", default_format="CSV").output_format == "JSON"
    assert read(b"SELECT 1", default_format="CSV").output_format == "CSV"
    assert read(b"SELECT 1").output_format == "TabSeparated"
