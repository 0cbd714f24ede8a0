"""One whole stack for all tests of the path; a test registers terminals of its own."""

from collections.abc import Iterator

import pytest
from park import Park

from kmonitor.local.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack") / "data") as stack:
        yield stack


@pytest.fixture
def park(stack: Stack) -> Park:
    return Park.of(stack.describe())
