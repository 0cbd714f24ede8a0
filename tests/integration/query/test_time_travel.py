"""A terminal at any past moment, from the archive: what folding the events up to it gives."""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from builders import SCHEMAS, at, report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from property.test_terminal_laws import sendings

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import migrate
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.past import AsOf
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.terminal.cash_box import notes_in
from kmonitor.domain.terminal.state import TerminalState, after_report
from kmonitor.event_archive.reading import TOPICS, read
from kmonitor.event_archive.sink import ArchiveSink
from kmonitor.events.codec import encode
from kmonitor.events.log import Report
from kmonitor.events.types import Event
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance
from kmonitor.kafka.topics import TERMINAL_EVENTS
from kmonitor.query_api.archive import Archive
from kmonitor.query_api.past import state_at

PARTITION = 77
NAMES = (f"PAST-{number}" for number in count())
OFFSETS = count()
NOW = at(100_000)


@pytest.fixture(scope="module")
def sink(clickhouse: str) -> Iterator[ArchiveSink]:
    migrate(clickhouse, SCHEMAS / "clickhouse")
    client = ClickHouse(clickhouse)
    yield ArchiveSink(client, Patience(lambda _: True, lambda _: None), lambda _: Registry(), lambda _: None)
    client.close()


@pytest.fixture
def archive(clickhouse: str, sink: ArchiveSink) -> Iterator[Archive]:
    archive = Archive(clickhouse)
    yield archive
    archive.close()


def keep(sink: ArchiveSink, reports: list[Report]) -> list[int]:
    """Into the archive, as the sink of the log does; their offsets."""
    offsets = [next(OFFSETS) for _ in reports]
    records = [
        Record(TERMINAL_EVENTS, PARTITION, offset, b"", encode(each), (), 0)
        for offset, each in zip(offsets, reports, strict=True)
    ]
    sink.write(read(records, {topic: Tolerance(topic) for topic in TOPICS}))
    return offsets


def shown(state: TerminalState) -> dict[str, Any]:
    """What a state says, without which numbers it was folded from and how its notes were added up."""
    alike = replace(state, seen={}, boxes={}, offset=0, partition=0)
    notes = sorted((each.unit, each.denomination_minor, each.count) for each in notes_in(state.boxes))
    collected = {unit: box.collected for unit, box in state.boxes.items() if box.collected[1]}
    return {"registers": alike, "notes": notes, "collected": collected, "off": state.is_off}


def heard_apart(state: TerminalState) -> dict[str, Any]:
    """What a state says but for when the terminal was heard."""
    apart = {"first_received_at": None, "last_received_at": None}
    return shown(replace(state, clock=TerminalState(terminal="").clock, **apart))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sendings())
def test_at_each_event_it_is_the_fold_of_what_had_happened(
    sink: ArchiveSink, archive: Archive, sending: tuple[list[Event], list[list[Event]]]
) -> None:
    events, cut = sending
    terminal = next(NAMES)
    said = [report(*part, terminal=terminal, received=1000 + n) for n, part in enumerate(cut)]
    keep(sink, said)

    async def compare() -> None:
        for last in events:
            prefix = report(*events[: last.seq], terminal=terminal)
            folded = after_report(TerminalState(terminal=terminal), prefix, 0, 0)
            found = await state_at(archive, AsOf(terminal, at(last.seq), NOW))
            assert heard_apart(found) == heard_apart(folded)

    asyncio.run(compare())


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sendings(), st.integers(0, 3))
def test_as_known_at_each_report_it_is_the_live_state_of_that_moment(
    sink: ArchiveSink, archive: Archive, sending: tuple[list[Event], list[list[Event]]], queued: int
) -> None:
    terminal = next(NAMES)
    said = [
        report(*part, terminal=terminal, received=1000 + n, queued=queued) for n, part in enumerate(sending[1])
    ]
    offsets = keep(sink, said)

    async def compare() -> None:
        live = TerminalState(terminal=terminal)
        for offset, each in zip(offsets, said, strict=True):
            live = after_report(live, each, PARTITION, offset)
            found = await state_at(archive, AsOf(terminal, each.received_at, each.received_at))
            assert shown(found) == shown(live)
            assert (found.partition, found.offset) == (live.partition, live.offset)
        assert shown(await state_at(archive, AsOf(terminal, NOW, NOW))) == shown(live)

    asyncio.run(compare())


def test_before_it_was_ever_heard_nothing_is_known(sink: ArchiveSink, archive: Archive) -> None:
    found = asyncio.run(state_at(archive, AsOf("NEVER-HEARD", at(0), NOW)))
    assert found == TerminalState(terminal="NEVER-HEARD")
