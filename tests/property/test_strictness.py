"""The cheap search for repeated keys never misses one; what is accepted is always whole, valid JSON."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kmonitor.events.codec import Unreadable, read_report
from kmonitor.events.strict import may_repeat_keys, repeated_keys

KEYS = st.sampled_from(["a", "b", 'q":', "at", "ё"])
VALUES = st.recursive(
    st.one_of(st.integers(0, 9), st.text(max_size=4), st.just('x": 1')),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(st.tuples(KEYS, inner), max_size=4).map(lambda pairs: ("object", pairs)),
    ),
    max_leaves=12,
)


def text_of(value: Any, space: str) -> str:
    """JSON that may repeat keys, spelled with spaces anywhere."""
    if isinstance(value, tuple):
        inner = [f"{json.dumps(key)}{space}:{space}{text_of(each, space)}" for key, each in value[1]]
        return "{" + f"{space},".join(inner) + space + "}"
    if isinstance(value, list):
        return "[" + ",".join(text_of(each, space) for each in value) + "]"
    return json.dumps(value)


def repeats(value: Any) -> int:
    if isinstance(value, tuple):
        keys = [key for key, _ in value[1]]
        return len(keys) - len(set(keys)) + sum(repeats(each) for _, each in value[1])
    return sum(map(repeats, value)) if isinstance(value, list) else 0


@given(VALUES, st.sampled_from(["", " ", "\n\t "]))
def test_a_repeated_key_is_always_found(value: Any, space: str) -> None:
    raw = text_of(value, space).encode()
    assert len(repeated_keys(raw)) == repeats(value)
    assert may_repeat_keys(raw, json.loads(raw)) or repeats(value) == 0


@given(VALUES, st.binary(max_size=6), st.integers(0, 200))
def test_what_is_accepted_is_valid_json_without_repeated_keys(value: Any, junk: bytes, where: int) -> None:
    extra = text_of(value, " ").encode()
    event = b'{"seq": 7, "type": "terminal.heartbeat.v1", "at": "2026-11-22T10:15:30Z", "extra": %s}' % extra
    event = event[:where] + junk + event[where:]
    body = b'{"terminal": "M", "epoch": 1, "sent_at": "2026-11-22T10:15:30Z", "events": [%s]}' % event
    try:
        read = read_report(body)
    except Unreadable:
        return
    for raw in read.accepted:
        json.loads(bytes(raw).decode("utf-8"))
        assert repeated_keys(bytes(raw)) == []
