"""A stack of its own for each test that kills."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kmonitor.local.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path / "data") as stack:
        yield stack
