"""What happens in the office, as the log records it."""

from typing import assert_never

from msgspec import Struct

from kmonitor.events.office import money, people, terminals, upkeep
from kmonitor.events.office.money import MoneyOperation
from kmonitor.events.office.people import PeopleOperation
from kmonitor.events.office.terminals import TerminalOperation
from kmonitor.events.office.upkeep import UpkeepOperation
from kmonitor.events.scalars import Instant

OperationBody = TerminalOperation | PeopleOperation | UpkeepOperation | MoneyOperation


class IssuedKey(Struct, frozen=True, kw_only=True):
    """What the log keeps of a key or token: its name and the SHA-256 of its secret, never the secret."""

    key_id: str
    secret_sha256: str


class Operation(Struct, frozen=True, kw_only=True):
    """One record of `kmonitor.operations.v1`; its offset there is its number.

    `operation_id` derives from the author and the Idempotency-Key; among two records with one id the
    first in the log counts. `body_sha256` tells a repeated request from another one under the same key.
    `password_hash` (argon2id) stands here instead of the password, which `body` never holds.
    """

    operation_id: str
    author: str
    recorded_at: Instant
    body_sha256: str
    body: OperationBody
    key: IssuedKey | None = None
    password_hash: str | None = None


def subject(body: OperationBody) -> str:
    """Whom or what an operation is about: the key of its record, and what follows in one order."""
    match body:
        case (
            terminals.TerminalRegistered()
            | terminals.TerminalUpdated()
            | terminals.TerminalRetired()
            | terminals.TerminalKeyIssued()
            | terminals.TerminalKeyRevoked()
            | terminals.GapWrittenOff()
        ):
            return body.terminal
        case people.PersonRegistered() | people.PersonUpdated() | people.PersonRetired():
            return body.person
        case people.ServiceTokenIssued():
            return body.name or body.person or ""
        case people.ServiceTokenRevoked():
            return body.key_id or body.name or body.person or ""
        case (
            upkeep.FaultAcknowledged() | upkeep.FaultAssigned() | upkeep.FaultCommented() | upkeep.FaultClosed()
        ):
            return body.fault_id
        case upkeep.MaintenancePlanned() | upkeep.MaintenanceCancelled():
            return body.maintenance_id
        case upkeep.ProcedureScheduled():
            return body.procedure
        case upkeep.RuleChanged():
            return str(body.rule["name"])
        case money.ThresholdSet():
            return body.recipient
        case money.RemittanceMade() | money.RemittanceReversed():
            return body.remittance_id
        case money.RecountRecorded():
            return body.collection_id
        case money.DepositRecorded() | money.DepositReversed():
            return body.deposit_id
        case money.CommissionSet():
            return body.service or body.dealer or "*"
        case money.DealerBalanceChanged():
            return body.dealer
        case money.PeriodClosed():
            return body.day.isoformat()
        case _:
            assert_never(body)
