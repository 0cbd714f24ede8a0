"""The broker and the engine that tests run on: official images where Docker is, else started here."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from kmonitor.local.clickhouse_server import Engine
from kmonitor.local.kafka import Broker

KAFKA_IMAGE = "apache/kafka:4.1.0"
CLICKHOUSE_IMAGE = "clickhouse/clickhouse-server:25.8"
USED: dict[str, str] = {}


@lru_cache
def docker_trouble() -> str | None:
    """Why Docker cannot be used here; None when it can."""
    if shutil.which("docker") is None:
        return "no Docker here"
    asked = subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False)
    return None if asked.returncode == 0 else "no Docker daemon answers"


@contextmanager
def a_kafka(folder: Path) -> Iterator[str]:
    """A broker's host:port."""
    if trouble := docker_trouble():
        with Broker(folder) as broker:
            USED["Kafka"] = f"the broker on this machine's JVM: {trouble}"
            yield broker.bootstrap
        return
    from testcontainers.kafka import KafkaContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as container:
        USED["Kafka"] = f"testcontainers, {KAFKA_IMAGE}"
        yield container.get_bootstrap_server()


@contextmanager
def a_clickhouse(folder: Path) -> Iterator[str]:
    """An engine's HTTP address."""
    if trouble := docker_trouble():
        with Engine(folder) as engine:
            USED["ClickHouse"] = f"the engine in a process of ours (chDB): {trouble}"
            yield engine.url
        return
    from testcontainers.clickhouse import ClickHouseContainer

    with ClickHouseContainer(CLICKHOUSE_IMAGE, username="default", password="") as container:
        USED["ClickHouse"] = f"testcontainers, {CLICKHOUSE_IMAGE}"
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8123)}"
