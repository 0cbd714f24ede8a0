"""What happens in the office, as the log records it."""

from typing import assert_never

from msgspec import UNSET, Struct
from msgspec.structs import replace

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


def without_password(body: OperationBody) -> OperationBody:
    """The same operation, as the log and its readers may have it."""
    match body:
        case people.PersonRegistered():
            return replace(body, password=None)
        case people.PersonUpdated():
            return replace(body, password=UNSET)
        case _:
            return body


def subject(body: OperationBody) -> str:
    """Whom or what an operation is about: the key of its record, and what follows in one order.

    A terminal stands by its bare id; anything else by its kind and a slash, which no terminal's id holds.
    """
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
            return f"person/{body.person}"
        case people.ServiceTokenIssued():
            return f"token/{body.name or body.person or ''}"
        case people.ServiceTokenRevoked():
            return f"token/{body.key_id or body.name or body.person or ''}"
        case people.PersonSignedOut():
            return f"session/{body.session}"
        case (
            upkeep.FaultAcknowledged() | upkeep.FaultAssigned() | upkeep.FaultCommented() | upkeep.FaultClosed()
        ):
            return f"fault/{body.fault_id}"
        case upkeep.MaintenancePlanned() | upkeep.MaintenanceCancelled():
            return f"maintenance/{body.maintenance_id}"
        case upkeep.ProcedureScheduled():
            return f"procedure/{body.procedure}"
        case upkeep.RuleChanged():
            return f"rule/{body.rule['name']}"
        case money.ThresholdSet():
            return f"recipient/{body.recipient}"
        case money.RemittanceMade() | money.RemittanceReversed():
            return f"remittance/{body.remittance_id}"
        case money.RecountRecorded():
            return f"collection/{body.collection_id}"
        case money.DepositRecorded() | money.DepositReversed():
            return f"deposit/{body.deposit_id}"
        case money.CommissionSet():
            return f"commission/{body.service or '*'}/{body.dealer or '*'}"
        case money.DealerBalanceChanged():
            return f"dealer/{body.dealer}"
        case money.PeriodClosed():
            return f"period/{body.day.isoformat()}"
        case _:
            assert_never(body)
