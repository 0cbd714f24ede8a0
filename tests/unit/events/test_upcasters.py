"""Old versions read as the present ones; nobody has any yet, so these are made up."""

from typing import Any

import msgspec
import pytest
from builders import EPOCH, TERMINAL, at, plain, tick
from msgspec import Raw

from kmonitor.events.codec import (
    InvalidEvent,
    Unreadable,
    decode_event,
    decode_operation,
    decode_record,
    encode,
    read_operation,
    read_report,
)
from kmonitor.events.life import DoorChanged
from kmonitor.events.log import RawReport
from kmonitor.events.operations import Operation
from kmonitor.events.upcasters import UPCASTERS, Upcasters


def door_opened(said: dict[str, Any]) -> dict[str, Any]:
    """The first version knew only doors that open."""
    return said | {"type": "door.moved.v2", "open": True}


def door_moved(said: dict[str, Any]) -> dict[str, Any]:
    """The second one spoke of a flap where the third says which door."""
    return {name: value for name, value in said.items() if name != "flap"} | {
        "type": "door.changed.v1",
        "door": said["flap"],
    }


def place_registered(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"type": "terminal.registered.v1", "terminal": said["place"]}


OLD: Upcasters = {
    "door.opened.v1": door_opened,
    "door.moved.v2": door_moved,
    "place.registered.v1": place_registered,
}
OPENED = b'{"seq": 3, "type": "door.opened.v1", "at": "2026-11-22T12:00:00Z", "flap": "safe", "colour": "blue"}'
MOVED = b'{"seq": 4, "type": "door.moved.v2", "at": "2026-11-22T12:00:00Z", "flap": "upper", "open": false}'
NOW = b'{"seq": 5, "type": "door.changed.v1", "at": "2026-11-22T12:00:00Z", "door": "lower", "open": true}'


def record(*events: bytes) -> bytes:
    return encode(
        RawReport(
            terminal=TERMINAL,
            epoch=EPOCH,
            sent_at=at(0),
            received_at=at(0),
            queued=0,
            operations_up_to=-1,
            events=[Raw(event) for event in events],
        )
    )


def test_an_old_version_is_read_as_the_present_one_over_all_steps_between() -> None:
    assert decode_event(OPENED, upcasters=OLD) == DoorChanged(seq=3, at=at(0), door="safe", open=True)
    assert decode_event(MOVED, upcasters=OLD) == DoorChanged(seq=4, at=at(0), door="upper", open=False)


def test_without_an_upcaster_an_old_version_is_an_unknown_type() -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode_event(OPENED)
    assert refused.value.reason == "unknown_type"


def test_the_gateway_hands_on_an_old_version_as_the_bytes_that_came() -> None:
    head = b'{"terminal": "M-1", "epoch": 1, "sent_at": "2026-11-22T10:15:30Z", "events": ['
    read = read_report(head + OPENED + b"," + NOW + b"]}", upcasters=OLD)
    assert [bytes(raw) for raw in read.accepted] == [OPENED, NOW]
    assert read.refused == []


def test_a_record_of_the_log_may_hold_any_versions() -> None:
    read = decode_record(record(OPENED, NOW, MOVED), upcasters=OLD)
    assert [event["door"] for event in plain(read)["events"]] == ["safe", "lower", "upper"]
    assert decode_record(encode(tick(1)), upcasters=OLD) == tick(1)


def test_an_operation_of_an_old_version_is_read_as_the_present_one() -> None:
    said = b'{"type": "place.registered.v1", "place": "M-1"}'
    present = read_operation(said, upcasters=OLD)
    assert plain(present) == {"type": "terminal.registered.v1", "effective_from": None, "terminal": "M-1"}
    logged = Operation(operation_id="o", author="a", recorded_at=at(0), body_sha256="", body=present)
    old = msgspec.json.decode(encode(logged)) | {"body": Raw(said)}
    assert decode_operation(encode(old), upcasters=OLD) == logged


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (OPENED.replace(b"safe", b"cellar"), "invalid_field"),
        (OPENED.replace(b"flap", b"flip"), "invalid_field"),
        (OPENED.replace(b'"blue"', b'"blue", "colour": "red"'), "repeated_key"),
        (OPENED.replace(b'"blue"', b"1e400"), "invalid_field"),
        (b'{"type": ["door.opened.v1"]}', "unknown_type"),
    ],
)
def test_what_was_wrong_in_its_own_version_too_is_refused(said: bytes, reason: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode_event(said, upcasters=OLD)
    assert refused.value.reason == reason


def test_a_record_with_one_that_cannot_be_brought_up_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="flap"):
        decode_record(record(NOW, OPENED.replace(b"flap", b"flip")), upcasters=OLD)


def test_a_chain_that_bites_its_own_tail_ends() -> None:
    circle: Upcasters = {
        "a.b.v1": lambda said: said | {"type": "a.b.v2"},
        "a.b.v2": lambda said: said | {"type": "a.b.v1"},
    }
    with pytest.raises(InvalidEvent, match=r"a\.b"):
        decode_event(b'{"seq": 1, "type": "a.b.v1", "at": "2026-11-22T12:00:00Z"}', upcasters=circle)


def test_nobody_speaks_an_old_version_yet() -> None:
    assert UPCASTERS == {}
