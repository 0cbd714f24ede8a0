"""The live stream's parts: vectors, the ring, and readers that are fast, slow, or come back."""

import json

from msgspec import Struct

from kmonitor.kafka.topics import (
    FAULT_EVENTS,
    OPEN_FAULTS,
    OPERATIONS,
    TERMINAL_EVENTS,
    TERMINAL_STATES,
)
from kmonitor.query_api.live import subscriber as subscribers
from kmonitor.query_api.live.frames import Change, Filter, Kind
from kmonitor.query_api.live.hub import Hub
from kmonitor.query_api.live.ring import Ring
from kmonitor.query_api.live.subscriber import Subscriber
from kmonitor.query_api.live.vector import Place, Vector

STATES, LOG = (TERMINAL_STATES, 0), (TERMINAL_EVENTS, 1)
PLACES: list[Place] = [
    (topic, partition)
    for topic in (TERMINAL_STATES, OPEN_FAULTS, FAULT_EVENTS, TERMINAL_EVENTS)
    for partition in (0, 1)
] + [(OPERATIONS, 0)]


class Item(Struct):
    n: int


def change(offset: int, place: Place = STATES, kind: Kind = "terminal", *, is_last: bool = True) -> Change:
    return Change(kind, place, offset, f"T-{offset}", Item(offset), is_last)


def told(hub: Hub, *changes: Change) -> None:
    hub.tell(list(changes), {each.place: each.offset + 1 for each in changes})


def numbers(text: bytes) -> list[int]:
    return [json.loads(line[6:])["n"] for line in text.decode().splitlines() if line.startswith("data: ")]


def last_id(text: bytes) -> str:
    return [line[4:] for line in text.decode().splitlines() if line.startswith("id: ")][-1]


def hub(remembered: int = 100) -> Hub:
    return Hub(Vector(PLACES), remembered)


def test_a_vector_is_read_as_it_was_written() -> None:
    vector = Vector(PLACES)
    vector.advance(STATES, 17)
    vector.advance(LOG, 4)
    read = vector.read(str(vector))
    assert read is not None
    assert str(read) == str(vector) == "v1-0-17.0-0.0-0.0-0.4"


def test_a_vector_never_goes_back() -> None:
    vector = Vector(PLACES)
    vector.advance(STATES, 17)
    vector.advance(STATES, 3)
    assert vector[STATES] == 17


def test_a_foreign_vector_is_refused() -> None:
    vector = Vector(PLACES)
    for text in (
        "",
        "v1",
        "v2-0-1.2-0.0-0.0-0.0",
        "v1-0-1-0.0-0.0-0.0",
        "v1-0-1.x-0.0-0.0-0.0",
        "٣",
        "9" * 5000,
    ):
        assert vector.read(text) is None


def test_the_ring_tells_what_came_after_a_vector() -> None:
    ring, seen = Ring(Vector(PLACES), 10), Vector(PLACES)
    for offset in range(5):
        ring.append(change(offset))
    seen.advance(STATES, 3)
    assert [each.offset for each in ring.since(seen) or ()] == [3, 4]


def test_the_ring_forgets_the_oldest_and_says_so() -> None:
    ring, seen = Ring(Vector(PLACES), 3), Vector(PLACES)
    for offset in range(5):
        ring.append(change(offset))
    assert len(ring) == 3
    assert ring.since(seen) is None
    seen.advance(STATES, 2)
    assert [each.offset for each in ring.since(seen) or ()] == [2, 3, 4]


def test_a_reader_who_comes_back_gets_the_rest_and_nothing_twice() -> None:
    it = hub()
    reader = it.join(Filter())
    told(it, change(0), change(1))
    first = reader.take()
    assert numbers(first) == [0, 1]
    it.leave(reader)
    told(it, change(2), change(0, LOG, "payment"))
    missed = it.resumed(last_id(first))
    assert missed is not None
    assert numbers(b"".join(portion.whole for portion in missed)) == [2, 0]


def test_half_a_record_is_told_again_whole() -> None:
    it = hub()
    reader = it.join(Filter())
    told(it, change(0), change(7, LOG, "payment", is_last=False), change(7, LOG, "payment"))
    events = reader.take().split(b"\n\n")
    missed = it.resumed(last_id(events[1]))
    assert missed is not None
    assert numbers(b"".join(portion.whole for portion in missed)) == [7, 7]


def test_an_id_from_the_future_or_from_elsewhere_is_not_resumed() -> None:
    it = hub()
    told(it, change(0))
    assert it.resumed("v1-0-5.0-0.0-0.0-0.0") is None
    assert it.resumed("'; DROP TABLE") is None


def test_records_that_nobody_looked_at_cannot_be_resumed() -> None:
    it = hub()
    before = it.now.decode().removeprefix("id: ").strip()
    it.skip({LOG: 50})
    assert it.resumed(before) is None
    assert it.resumed(it.now.decode().removeprefix("id: ").strip()) is not None


def test_a_filter_passes_only_what_was_asked() -> None:
    it = hub()
    payments = it.join(Filter(kinds=frozenset({"payment"})))
    one = it.join(Filter(terminal="T-1"))
    told(it, change(0), change(1), change(2, LOG, "payment"))
    assert numbers(payments.take()) == [2]
    assert numbers(one.take()) == [1]


def test_a_slow_reader_loses_its_place_instead_of_growing_memory() -> None:
    it = hub()
    slow = it.join(Filter())
    size = 0
    while not slow.is_lost:
        told(it, change(size))
        size += 1
        assert size < subscribers.MOST_BYTES
    assert slow.take() == b""
    told(it, change(size))
    assert slow.take() == b""


def test_with_nobody_listening_nothing_is_encoded() -> None:
    class Unencodable(Struct):
        it: object

    it = hub()
    it.tell([Change("terminal", STATES, 0, "T", Unencodable(object()))], {STATES: 1})
    assert it.resumed("v1-0-1.0-0.0-0.0-0.0") is not None


async def test_a_waiting_reader_wakes_for_news_and_for_the_end() -> None:
    reader = Subscriber(Filter())
    assert not await reader.wait(0.01)
    reader.close()
    assert await reader.wait(1)
    assert reader.is_closed
