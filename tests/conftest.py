"""What every test may ask for, and what the last lines of a run say."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from backends import USED, a_clickhouse, a_kafka
from builders import SCHEMAS
from hypothesis import settings
from query_process import QueryApi

from kmonitor.clickhouse.migrations import migrate
from kmonitor.kafka.topics import ensure_topics

# How long an example takes says something about the machine, nothing about the law.
settings.register_profile("kmonitor", deadline=None)
settings.load_profile("kmonitor")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a broker for the whole session; use topics or partitions of your own."""
    with a_kafka(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HTTP address of an engine for the whole session; use a database of your own."""
    with a_clickhouse(tmp_path_factory.mktemp("clickhouse")) as url:
        yield url


@pytest.fixture(scope="session")
def query_api(kafka: str, clickhouse: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryApi]:
    """The query API over the session's broker and engine; ask only of terminals of your own."""
    ensure_topics(kafka, SCHEMAS / "topics")
    migrate(clickhouse, SCHEMAS / "clickhouse")
    with QueryApi(kafka, clickhouse, tmp_path_factory.mktemp("query-api")) as api:
        yield api


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("backends, and what was skipped")
    for name in ("Kafka", "ClickHouse"):
        terminalreporter.line(f"{name}: {USED.get(name, 'not needed by these tests')}")
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "?"
        for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, times in skipped.items():
        terminalreporter.line(f"skipped {times}: {reason}")
    if not skipped:
        terminalreporter.line("nothing was skipped")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: what is broken shows early."""
    order = ("unit", "property", "contract", "integration", "e2e", "browser", "chaos")
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        kind = item.path.relative_to(here).parts[0]
        return order.index(kind) if kind in order else len(order)

    items.sort(key=rank)
