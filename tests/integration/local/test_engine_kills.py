"""What the engine answered is there again, whatever ended it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from kmonitor.local import processes
from kmonitor.local.clickhouse_server import Engine, command
from kmonitor.local.ports import free_ports, wait_until

BATCH = 500


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path) as running:
        with clickhouse_connect.get_client(dsn=running.url) as client:
            client.command(
                "CREATE TABLE facts (writer UInt8, n UInt64) ENGINE = MergeTree ORDER BY (writer, n)"
            )
        yield running


def write_until_it_dies(
    engine: Engine, writer: int, confirmed: dict[int, int], begun: threading.Barrier
) -> None:
    """Insert batches one after the other; `confirmed` counts the rows that were answered for."""
    with clickhouse_connect.get_client(dsn=engine.url) as client:
        first = 0
        while True:
            try:
                rows = [[writer, first + n] for n in range(BATCH)]
                client.insert("facts", rows, column_names=["writer", "n"])
            except ClickHouseError:
                return
            first += BATCH
            confirmed[writer] = first
            if first == BATCH:
                begun.wait(30)


def test_what_was_answered_survives_a_kill_in_the_middle_of_inserts(engine: Engine) -> None:
    confirmed: dict[int, int] = {}
    begun = threading.Barrier(4)
    writers = [
        threading.Thread(target=write_until_it_dies, args=(engine, n, confirmed, begun)) for n in range(3)
    ]
    for writer in writers:
        writer.start()
    begun.wait(30)
    engine.kill()
    for writer in writers:
        writer.join()
    engine.start()
    with clickhouse_connect.get_client(dsn=engine.url) as client:
        kept = client.query(
            "SELECT writer, count(), uniqExact(n), max(n) FROM facts GROUP BY writer"
        ).result_rows
    assert len(kept) == 3
    for writer, rows, different, last in kept:
        assert rows == different == last + 1 >= confirmed[writer]
        assert rows % BATCH == 0


def test_a_clean_stop_ends_with_code_0_and_keeps_the_data(engine: Engine) -> None:
    with clickhouse_connect.get_client(dsn=engine.url) as client:
        client.insert("facts", [[1, 1]], column_names=["writer", "n"])
    assert engine.stop() == 0
    engine.start()
    with clickhouse_connect.get_client(dsn=engine.url) as client:
        assert client.command("SELECT count() FROM facts") == 1


def test_a_second_engine_on_the_same_folder_says_so(engine: Engine) -> None:
    second = command(engine.folder / "data", free_ports(1)[0])
    said = subprocess.run(second, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 2
    assert "owns" in said.stderr
    assert "--path" in said.stderr


def test_an_engine_waits_for_its_dying_predecessor(engine: Engine) -> None:
    successor = Engine(engine.folder)
    dying = threading.Timer(1.0, lambda: os.kill(engine.pid, signal.SIGKILL))
    dying.start()
    try:
        successor.start()
        with clickhouse_connect.get_client(dsn=successor.url) as client:
            assert client.command("SELECT count() FROM facts") == 0
    finally:
        dying.join()
        successor.kill()


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = (
        "import sys\nfrom pathlib import Path\nfrom kmonitor.local import processes\n"
        "child = processes.spawn(['sleep', '600'], log=Path(sys.argv[1]))\n"
        "print(child.pid, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent, tmp_path / "log"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        child = int(running.stdout.readline())
        assert processes.is_alive(child)
        running.kill()
        running.wait()
    assert wait_until(lambda: not processes.is_alive(child), 5)
