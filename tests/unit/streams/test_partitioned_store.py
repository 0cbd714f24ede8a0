"""What is remembered stays with its partition."""

import asyncio
from dataclasses import dataclass
from typing import Any

import faust
import pytest
from faust.types import TP
from yarl import URL

from kmonitor.streams.table import PartitionedStore


@dataclass
class Change:
    """A record of the changelog."""

    offset: int
    key: bytes
    value: bytes | None


@pytest.fixture
def store() -> PartitionedStore:
    app = faust.App("unit", broker="kafka://127.0.0.1:1", datadir="/nowhere")
    table: Any = app.Table("remembered", changelog_topic=app.topic("table"))
    return PartitionedStore(URL("memory://"), app, table)


def move(store: PartitionedStore, assigned: set[int], new: set[int]) -> None:
    asyncio.run(store.on_rebalance({TP("table", n) for n in assigned}, set(), {TP("table", n) for n in new}))


def test_a_tombstone_forgets_a_key(store: PartitionedStore) -> None:
    store.restore(0, [Change(0, b"k", b"1"), Change(1, b"k", None), Change(2, b"other", b"2")])
    assert store.recall_from(0)(b"k") is None
    assert store.recall_from(0)(b"other") == b"2"
    assert len(store) == 1


def test_a_record_of_the_changelog_is_applied_once(store: PartitionedStore) -> None:
    store.restore(0, [Change(0, b"k", b"old"), Change(1, b"k", b"new")])
    store.restore(0, [Change(0, b"k", b"old")])
    assert store.recall_from(0)(b"k") == b"new"


def test_equal_keys_of_two_partitions_are_two(store: PartitionedStore) -> None:
    store.write(0, b"~clock", b"a")
    store.write(1, b"~clock", b"b")
    assert (store.recall_from(0)(b"~clock"), store.recall_from(1)(b"~clock")) == (b"a", b"b")


def test_a_partition_that_goes_takes_its_keys_along(store: PartitionedStore) -> None:
    store.write(0, b"stays", b"1")
    store.includes(0, 7)
    store.write(1, b"goes", b"1")
    store.includes(1, 7)
    move(store, assigned={0}, new=set())
    assert store.recall_from(1)(b"goes") is None
    assert store.persisted_offset(TP("table", 1)) is None
    # What stays need not be read again.
    assert store.recall_from(0)(b"stays") == b"1"
    assert store.persisted_offset(TP("table", 0)) == 7


def test_a_partition_that_comes_back_is_read_anew(store: PartitionedStore) -> None:
    store.write(0, b"left behind", b"1")
    store.includes(0, 7)
    move(store, assigned={0}, new={0})
    assert store.recall_from(0)(b"left behind") is None
    assert store.persisted_offset(TP("table", 0)) is None
