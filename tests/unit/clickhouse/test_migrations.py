"""How migrations are read: in order, whole, and refused in a sentence."""

import re
from pathlib import Path

import pytest
from builders import SCHEMAS

from kmonitor.clickhouse.migrations import Migration, MigrationRefused, read_migrations


def test_a_semicolon_in_a_string_or_comment_ends_no_statement() -> None:
    text = """
    -- first; really
    CREATE TABLE a (x String COMMENT 'one; two', y String COMMENT 'it''s; so') /* ; */ ENGINE = Memory;
    SELECT ';' AS `;`;
    """
    assert list(Migration(1, "0001_a.sql", text).statements()) == [
        "CREATE TABLE a (x String COMMENT 'one; two', y String COMMENT 'it''s; so')  ENGINE = Memory",
        "SELECT ';' AS `;`",
    ]


def test_ours_are_numbered_without_a_gap() -> None:
    migrations = read_migrations(SCHEMAS / "clickhouse")
    assert [each.number for each in migrations] == list(range(1, len(migrations) + 1))


def test_ours_name_no_database() -> None:
    for migration in read_migrations(SCHEMAS / "clickhouse"):
        assert not re.search(r"(TABLE|VIEW|EXISTS|FROM)\s+\w+\.", "".join(migration.statements()))


@pytest.mark.parametrize(
    ("names", "told"),
    [(["1_a.sql"], "NNNN"), (["0001_a.sql", "0001_b.sql"], "one number"), ([], "KMONITOR_SCHEMAS")],
)
def test_a_wrong_folder_is_refused_with_what_to_do(tmp_path: Path, names: list[str], told: str) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationRefused, match=told):
        read_migrations(tmp_path)
