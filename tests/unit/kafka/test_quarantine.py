"""What could not be read keeps its bytes, its reason and one identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.kafka.quarantine import (
    InvalidQuarantine,
    QuarantineEntry,
    Refused,
    bytes_identity,
    log_identity,
    refused_item,
    unreadable_record,
)
from kmonitor.kafka.records import Record

RECEIVED = "2026-11-22T10:15:30.125Z"


def refused(value: bytes = b"{", item_index: int = 3, epoch: int = 7, received_at: str = RECEIVED) -> Refused:
    return Refused(
        value=value,
        reason="invalid_json",
        detail="строка не кончилась",
        terminal="MSK-004417",
        epoch=epoch,
        item_index=item_index,
        received_at=received_at,
    )


def record(offset: int = 42, value: bytes | None = b"\xff\x00") -> Record:
    return Record("kmonitor.terminal-events.v1", 5, offset, b"MSK-1", value, (), 1_795_345_530_125)


def test_a_refused_item_is_the_same_entry_in_whatever_report_it_comes_again() -> None:
    first = refused_item(refused(item_index=3))
    again = refused_item(refused(item_index=0, received_at="2026-11-22T11:00:00.000Z"))
    assert first.identity == again.identity


def test_other_bytes_and_another_epoch_are_other_entries() -> None:
    identities = {
        refused_item(refused(value, epoch=epoch)).identity for value in (b"{", b"}") for epoch in (7, 8)
    }
    assert len(identities) == 4


def test_an_unreadable_record_is_identified_by_its_place_in_the_log() -> None:
    entry = unreadable_record(record(), stage="archive", reason="not_a_record", detail="bad UTF-8")
    assert entry.identity == "kmonitor.terminal-events.v1/5/42"
    assert entry.value == b"\xff\x00"
    assert entry.received_at == "2026-11-22T11:05:30.125Z"


def test_a_record_without_a_value_is_kept_as_no_bytes() -> None:
    entry = unreadable_record(record(value=None), stage="archive", reason="not_a_record", detail="no value")
    assert entry.value == b""


def test_an_item_of_a_record_has_its_own_place() -> None:
    assert log_identity("t", 1, 2, 3) == "t/1/2/3"


def test_headers_say_only_what_is_known() -> None:
    _, _, headers = refused_item(refused()).to_record()
    said = dict(headers)
    assert said["stage"] == b"gateway"
    assert said["item_index"] == b"3"
    assert said["detail"].decode() == "строка не кончилась"
    assert "seq" not in said
    assert "original_offset" not in said


@pytest.mark.parametrize(
    "headers",
    [[], [("identity", b"x")], [("epoch", b"not a number")]],
    ids=["none", "too few", "a number that is none"],
)
def test_what_none_of_us_wrote_is_said_to_be_no_entry(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(InvalidQuarantine):
        QuarantineEntry.from_record(None, b"", headers)


text = st.text(max_size=40)
maybe_number = st.none() | st.integers(0, 2**63)
entries = st.builds(
    QuarantineEntry,
    identity=text,
    value=st.binary(max_size=200),
    key=st.none() | st.binary(max_size=20),
    reason=text,
    stage=text,
    detail=text,
    received_at=text,
    terminal=st.none() | text,
    epoch=maybe_number,
    seq=maybe_number,
    item_index=maybe_number,
    original_topic=st.none() | text,
    original_partition=maybe_number,
    original_offset=maybe_number,
    redacted=st.booleans(),
)


@given(entries)
def test_an_entry_comes_back_from_its_record_as_it_was(entry: QuarantineEntry) -> None:
    assert QuarantineEntry.from_record(*entry.to_record()) == entry


@given(st.lists(st.tuples(text, st.integers(0, 9), st.binary(max_size=9)), unique=True, max_size=20))
def test_no_two_things_share_an_identity(things: list[tuple[str, int, bytes]]) -> None:
    assert len({bytes_identity(*thing) for thing in things}) == len(things)
