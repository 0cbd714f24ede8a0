"""What the registry answers, as of any operation and time."""

from typing import Any

import pytest
from builders import NOON, TERMINAL, at
from hypothesis import given
from hypothesis import strategies as st

from kmonitor.domain.office.objections import objection
from kmonitor.domain.office.registry import Registry
from kmonitor.events.office.people import PersonRegistered
from kmonitor.events.office.terminals import (
    GapWrittenOff,
    TerminalKeyIssued,
    TerminalKeyRevoked,
    TerminalRegistered,
    TerminalUpdated,
)
from kmonitor.events.operations import IssuedKey, Operation, OperationBody


def operation(name: str, body: OperationBody, **said: Any) -> Operation:
    known: dict[str, Any] = {"operation_id": name, "author": "admin", "recorded_at": NOON, "body_sha256": name}
    return Operation(body=body, **(known | said))


def registry(*operations: Operation) -> Registry:
    known = Registry()
    for number, each in enumerate(operations):
        known.learn(number, each)
    return known


REGISTERED = operation("a", TerminalRegistered(terminal=TERMINAL, dealer="north", report_interval_s=30))


def test_an_update_changes_only_what_it_says() -> None:
    known = registry(REGISTERED, operation("b", TerminalUpdated(terminal=TERMINAL, dealer="south")))
    found = known.attributes(TERMINAL, at(1))
    assert found is not None
    assert (found.dealer, found.interval_s) == ("south", 30)


def test_null_clears_and_the_default_holds_again() -> None:
    known = registry(REGISTERED, operation("b", TerminalUpdated(terminal=TERMINAL, report_interval_s=None)))
    found = known.attributes(TERMINAL, at(1))
    assert found is not None
    assert found.interval_s == 60


def test_an_event_is_looked_up_at_its_own_time() -> None:
    moved = operation("b", TerminalUpdated(terminal=TERMINAL, dealer="south", effective_from=at(3600)))
    known = registry(REGISTERED, moved)
    dealers = [known.attributes(TERMINAL, at(seconds)) for seconds in (-10, 10, 3599, 3600)]
    assert [found and found.dealer for found in dealers] == ["north", "north", "north", "south"]


def test_a_record_is_judged_by_what_was_known_then() -> None:
    known = registry(REGISTERED, operation("b", TerminalUpdated(terminal=TERMINAL, dealer="south")))
    earlier, now = known.attributes(TERMINAL, at(1), up_to=0), known.attributes(TERMINAL, at(1), up_to=1)
    assert earlier is not None
    assert now is not None
    assert (earlier.dealer, now.dealer) == ("north", "south")
    assert known.attributes(TERMINAL, at(1), up_to=-1) is None


def test_a_gap_written_off_is_kept_with_who_did_it_and_when() -> None:
    gap = GapWrittenOff(terminal=TERMINAL, epoch=1, from_seq=2, to_seq=4, reason="spool lost")
    known = registry(REGISTERED, operation("b", gap), operation("b", gap))
    (off,) = known.write_offs.values()
    assert (off.number, off.from_seq, off.to_seq, off.author, off.recorded_at) == (1, 2, 4, "admin", NOON)


def test_an_operation_counts_once() -> None:
    known = registry(REGISTERED, operation("a", TerminalUpdated(terminal=TERMINAL, dealer="south")))
    found = known.attributes(TERMINAL, at(1))
    assert found is not None
    assert found.dealer == "north"
    assert known.operations["a"] == (0, "a")


def test_a_revoked_key_is_no_longer_known() -> None:
    issued = [
        operation(name, TerminalKeyIssued(terminal=TERMINAL), key=IssuedKey(key_id=name, secret_sha256="00"))
        for name in ("k1", "k2")
    ]
    revoked = operation("c", TerminalKeyRevoked(terminal=TERMINAL, key_id="k1"))
    known = registry(REGISTERED, *issued, revoked)
    assert (sorted(known.keys), [key.key_id for key in known.live_keys(TERMINAL)]) == (["k2"], ["k2"])


@pytest.mark.parametrize(
    ("body", "field", "conflict"),
    [
        (TerminalUpdated(terminal="X-1"), "terminal", True),
        (TerminalKeyIssued(terminal="X-1"), "terminal", True),
        (TerminalKeyRevoked(terminal=TERMINAL, key_id="k9"), "key_id", True),
        (TerminalRegistered(terminal="X-1", timezone="Moon/Base"), "timezone", False),
        (PersonRegistered(person="admin", role="technician"), "person", False),
        (TerminalRegistered(terminal="X-1", timezone="../etc/passwd"), "timezone", False),
    ],
)
def test_what_contradicts_the_registry_is_objected_to(body: OperationBody, field: str, conflict: bool) -> None:
    found = objection(registry(REGISTERED), body)
    assert found is not None
    assert (found.field, found.conflict) == (field, conflict)


def test_a_third_live_key_is_objected_to() -> None:
    issued = [
        operation(name, TerminalKeyIssued(terminal=TERMINAL), key=IssuedKey(key_id=name, secret_sha256="00"))
        for name in ("k1", "k2")
    ]
    assert objection(registry(REGISTERED, *issued), TerminalKeyIssued(terminal=TERMINAL)) is not None


def owned(dealer: str | None, since: float, number: int) -> Operation:
    body = TerminalUpdated(terminal=TERMINAL, dealer=dealer, effective_from=at(since))
    return operation(f"own-{number}", body)


@given(
    st.lists(st.tuples(st.sampled_from(["d1", "d2", None]), st.integers(0, 5)), max_size=6),
    st.sampled_from(["d1", "d2"]),
)
def test_a_dealers_periods_are_what_the_registry_says_of_each_time(
    moves: list[tuple[str | None, int]], dealer: str
) -> None:
    first = operation("a", TerminalRegistered(terminal=TERMINAL, dealer="d1", effective_from=at(2)))
    known = registry(first, *(owned(who, since, number) for number, (who, since) in enumerate(moves)))
    periods = known.periods_of(TERMINAL, dealer)
    for seconds in (-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6):
        attributes = known.attributes(TERMINAL, at(seconds))
        assert attributes is not None
        assert any(each.holds(at(seconds)) for each in periods) == (attributes.dealer == dealer)
    assert not periods or TERMINAL in known.ever_of(dealer)


def test_nobodys_terminal_has_no_periods() -> None:
    assert registry(REGISTERED).periods_of("elsewhere", "north") == ()
    assert registry(REGISTERED).periods_of(TERMINAL, "south") == ()
