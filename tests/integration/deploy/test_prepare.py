"""The job before each release, against a real broker and a real engine."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from deployment import DEPLOY, ROOT

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import Statement

Prepared = subprocess.CompletedProcess[str]


def prepare(kafka: str, clickhouse: str, schemas: Path = ROOT / "schemas") -> Prepared:
    told = {
        "KMONITOR_KAFKA": kafka,
        "KMONITOR_CLICKHOUSE": clickhouse,
        "KMONITOR_SCHEMAS": str(schemas),
        "KMONITOR_INSTANCE": "prepare",
        "KMONITOR_HTTP_PORT": "8080",
    }
    return subprocess.run(
        [sys.executable, DEPLOY / "prepare.py"],
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_makes_the_tables_and_may_be_repeated(kafka: str, clickhouse: str) -> None:
    for _ in range(2):
        done = prepare(kafka, clickhouse)
        assert (done.returncode, done.stderr) == (0, "")
    with closing(ClickHouse(clickhouse)) as client:
        names = {row["name"] for row in client.rows(Statement("SHOW TABLES"))}
    assert {"arrivals", "events", "payment_facts"} <= names


def test_a_topic_that_is_not_as_its_contract_says_needs_a_person(
    kafka: str, clickhouse: str, tmp_path: Path
) -> None:
    assert prepare(kafka, clickhouse).returncode == 0
    schemas = tmp_path / "schemas"
    shutil.copytree(ROOT / "schemas", schemas)
    contract = schemas / "topics" / "kmonitor.terminal-events.v1.yaml"
    contract.write_text(contract.read_text("utf-8").replace("partitions: 12", "partitions: 13"), "utf-8")
    done = prepare(kafka, clickhouse, schemas)
    assert done.returncode == 2
    assert "has 12 partitions and its contract says 13" in done.stderr
