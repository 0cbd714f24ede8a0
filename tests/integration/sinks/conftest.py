"""Tables of one's own for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import SCHEMAS

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import migrate


@pytest.fixture(scope="module")
def tables(clickhouse: str, request: pytest.FixtureRequest) -> Iterator[ClickHouse]:
    """A migrated database of the module's own."""
    name = Path(request.module.__file__).stem
    migrate(clickhouse, SCHEMAS / "clickhouse", database=name)
    client = ClickHouse(clickhouse, database=name)
    yield client
    client.close()
