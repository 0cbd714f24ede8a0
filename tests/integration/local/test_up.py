"""`kmonitor up` and `kmonitor doctor`: what they say when something is wrong, and what they keep."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from confluent_kafka.admin import AdminClient

from kmonitor.local import processes
from kmonitor.local.ports import LOOPBACK, wait_until
from kmonitor.local.stack import free_port_base

SCRIPT = Path(__file__).with_name("small_stack.py")


def kmonitor(*arguments: str | Path, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit code and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "kmonitor.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | (environment or {}),
    )
    return done.returncode, done.stdout + done.stderr


def test_up_leaves_a_folder_of_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    code, said = kmonitor("up", "--fresh", "--data", tmp_path)
    assert (code, "choose an empty folder with --data" in said) == (2, True)
    assert "Traceback" not in said


def test_up_names_a_taken_port(tmp_path: Path) -> None:
    base = free_port_base()
    with socket.socket() as other:
        other.bind((LOOPBACK, base + 2))
        other.listen()
        code, said = kmonitor("up", "--data", tmp_path, "--port-base", str(base))
        doctor_code, doctor_said = kmonitor("doctor", "--data", tmp_path, "--port-base", str(base))
    assert (code, f"Port {base + 2} (for kafka) is taken" in said) == (2, True)
    assert (doctor_code, f"taken: {base + 2} (kafka)" in doctor_said) == (2, True)


def test_up_and_doctor_say_how_to_get_java(tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path / "nothing here"), "JAVA_HOME": ""}
    where: list[str | Path] = ["--data", tmp_path / "stack", "--port-base", str(free_port_base())]
    code, said = kmonitor("up", *where, environment=bare)
    assert (code, "apt-get install openjdk" in said) == (2, True)
    code, said = kmonitor("doctor", *where, environment=bare)
    assert (code, "apt-get install openjdk" in said) == (2, True)


def test_doctor_finds_everything_here(tmp_path: Path) -> None:
    code, said = kmonitor("doctor", "--data", tmp_path, "--port-base", str(free_port_base()))
    assert code == 0, said


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the same stack each time it is called, and waits until it is ready."""
    base = str(free_port_base())
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        described = tmp_path / "stack" / "stack.json"
        described.unlink(missing_ok=True)
        log = tmp_path / "said.txt"
        process = processes.spawn([sys.executable, SCRIPT, tmp_path / "stack", base], log=log)
        started.append(process)
        assert wait_until(described.exists, 120), log.read_text()
        return process

    try:
        yield begin
    finally:
        for process in started:
            processes.kill(process)


def test_a_stack_killed_as_a_whole_comes_back_with_its_data(
    tmp_path: Path, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    def described() -> dict[str, Any]:
        content: dict[str, Any] = json.loads((tmp_path / "stack" / "stack.json").read_text())
        return content

    def topics_and_tables() -> tuple[set[str], list[str]]:
        admin = AdminClient({"bootstrap.servers": described()["kafka"], "log_level": 0})
        with clickhouse_connect.get_client(dsn=f"{described()['clickhouse']}/kmonitor") as client:
            tables = client.query("SHOW TABLES").result_columns[0]
        return set(admin.list_topics(timeout=10).topics), sorted(tables)

    first = start()
    before, made = described(), topics_and_tables()
    assert "kmonitor.terminal-events.v1" in made[0]
    with clickhouse_connect.get_client(dsn=f"{before['clickhouse']}/kmonitor") as client:
        client.command("CREATE TABLE kept ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(10)")
    processes.kill(first)
    second = start()
    after = described()
    assert after["admin_token"] == before["admin_token"]
    assert not set(after["pids"].values()) & set(before["pids"].values())
    assert topics_and_tables() == (made[0], sorted([*made[1], "kept"]))
    processes.stop(second, deadline_s=60)
    assert second.returncode == 0
    assert not any(processes.is_alive(pid) for pid in after["pids"].values())
    assert not (tmp_path / "stack" / "stack.json").exists()
