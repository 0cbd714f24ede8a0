"""Who may say and read what, written out by hand: a new operation or scope fails here until it is decided."""

from typing import Any, get_args

import pytest
from builders import NOON

from kmonitor.domain.office.roles import EVERY_SCOPE, scopes, who_may_say
from kmonitor.events.codec import encode, operation_type, read_operation
from kmonitor.events.office.people import Role
from kmonitor.events.operations import OperationBody

ROLES: tuple[Role, ...] = get_args(Role)
A, D, T, C = "administrator", "dispatcher", "technician", "accountant"
SAYABLE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "terminal.registered.v1": ({"terminal": "T"}, {A}),
    "terminal.updated.v1": ({"terminal": "T"}, {A}),
    "terminal.retired.v1": ({"terminal": "T"}, {A}),
    "terminal_key.issued.v1": ({"terminal": "T"}, {A}),
    "terminal_key.revoked.v1": ({"terminal": "T"}, {A}),
    "gap.written_off.v1": (
        {"terminal": "T", "epoch": 1, "from_seq": 1, "to_seq": 1, "reason": "lost"},
        {A, D},
    ),
    "person.registered.v1": ({"person": "p", "role": "technician"}, {A}),
    "person.updated.v1": ({"person": "p"}, {A}),
    "person.retired.v1": ({"person": "p"}, {A}),
    "service_token.issued.v1": ({"name": "bi", "role": "accountant"}, {A}),
    "service_token.revoked.v1": ({"name": "bi"}, {A}),
    "person.signed_out.v1": ({"session": "s", "expires_at": NOON.isoformat()}, {A}),
    "fault.acknowledged.v1": ({"fault_id": "f"}, {A, D, T}),
    "fault.assigned.v1": ({"fault_id": "f", "to": "p"}, {A, D}),
    "fault.commented.v1": ({"fault_id": "f", "note": "n"}, {A, D, T}),
    "fault.closed.v1": ({"fault_id": "f"}, {A, D, T}),
    "maintenance.planned.v1": (
        {"maintenance_id": "m", "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T11:00:00Z"},
        {A, D},
    ),
    "maintenance.cancelled.v1": ({"maintenance_id": "m"}, {A, D}),
    "procedure.scheduled.v1": ({"procedure": "z_report", "every_days": 1}, {A, D}),
    "rule.changed.v1": ({"rule": {"name": "r"}}, {A}),
    "threshold.set.v1": ({"recipient": "r", "currency": "RUB", "amount_minor": 1}, {A, C}),
    "remittance.made.v1": (
        {"remittance_id": "r", "recipient": "r", "currency": "RUB", "amount_minor": 1},
        {A, C},
    ),
    "remittance.reversed.v1": ({"remittance_id": "r"}, {A, C}),
    "recount.recorded.v1": ({"recount_id": "r", "collection_id": "c", "contents": []}, {A, C}),
    "deposit.recorded.v1": (
        {"deposit_id": "d", "parts": [{"collection_id": "c", "currency": "RUB", "amount_minor": 1}]},
        {A, C},
    ),
    "deposit.reversed.v1": ({"deposit_id": "d"}, {A, C}),
    "commission.set.v1": ({"terms": {}}, {A, C}),
    "dealer_balance.changed.v1": ({"dealer": "d", "currency": "RUB", "amount_minor": 1}, {A, C}),
    "period.closed.v1": ({"day": "2026-11-22"}, {A, C}),
}
READABLE: dict[str, set[str]] = {
    A: {"network", "payments", "money", "quarantine", "history", "people", "audit"},
    D: {"network", "payments", "quarantine", "history"},
    T: {"network"},
    C: {"network", "payments", "money"},
    "dealer": {"network", "payments", "money"},
}


def said(kind: str) -> OperationBody:
    return read_operation(encode({"type": kind} | SAYABLE[kind][0]))


def test_every_operation_of_the_language_is_decided() -> None:
    assert {str(each.__struct_config__.tag) for each in get_args(OperationBody)} == SAYABLE.keys()


@pytest.mark.parametrize("kind", SAYABLE)
def test_an_operation_is_for_these_roles(kind: str) -> None:
    assert operation_type(said(kind)) == kind
    assert who_may_say(said(kind)) == SAYABLE[kind][1]


def test_a_dealer_says_nothing() -> None:
    assert all("dealer" not in who_may_say(said(kind)) for kind in SAYABLE)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_these(role: Role) -> None:
    assert scopes(role) == READABLE[role]


def test_every_scope_is_somebodys() -> None:
    assert READABLE[A] == EVERY_SCOPE
