"""Who may say what, and who may read what: two tables, closed, so that nothing new is open by oversight."""

from typing import Literal, assert_never, get_args

from kmonitor.events.office import money, people, terminals, upkeep
from kmonitor.events.office.people import Role
from kmonitor.events.operations import OperationBody

Scope = Literal["network", "payments", "money", "quarantine", "history", "people", "audit"]
"""What a read is about. `network`: terminals, their events and faults, completeness, the live stream;
`payments`: single payments and today's sums; `money`: volumes by any keys; `history`: how a terminal was
described; `people`: people and tokens; `audit`: every operation."""

EVERY_SCOPE: frozenset[Scope] = frozenset(get_args(Scope))
ADMINISTRATOR_ONLY: frozenset[Role] = frozenset({"administrator"})
DISPATCHER: frozenset[Role] = ADMINISTRATOR_ONLY | {"dispatcher"}
DISPATCHER_AND_TECHNICIAN: frozenset[Role] = DISPATCHER | {"technician"}
REDRIVERS = ADMINISTRATOR_ONLY
"""Who may bring back what was refused."""
ACCOUNTANT: frozenset[Role] = ADMINISTRATOR_ONLY | {"accountant"}


def scopes(role: Role) -> frozenset[Scope]:
    """What a role may read; a dealer reads it of own terminals only."""
    match role:
        case "administrator":
            return EVERY_SCOPE
        case "dispatcher":
            return frozenset({"network", "payments", "quarantine", "history"})
        case "technician":
            return frozenset({"network"})
        case "accountant" | "dealer":
            return frozenset({"network", "payments", "money"})
        case _:
            assert_never(role)


def who_may_say(body: OperationBody) -> frozenset[Role]:
    """The roles that may record an operation. A dealer may say nothing."""
    match body:
        case (
            terminals.TerminalRegistered()
            | terminals.TerminalUpdated()
            | terminals.TerminalRetired()
            | terminals.TerminalKeyIssued()
            | terminals.TerminalKeyRevoked()
            | people.PersonRegistered()
            | people.PersonUpdated()
            | people.PersonRetired()
            | people.ServiceTokenIssued()
            | people.ServiceTokenRevoked()
            | people.PersonSignedOut()
            | upkeep.RuleChanged()
        ):
            return ADMINISTRATOR_ONLY
        case (
            terminals.GapWrittenOff()
            | upkeep.FaultAssigned()
            | upkeep.MaintenancePlanned()
            | upkeep.MaintenanceCancelled()
            | upkeep.ProcedureScheduled()
        ):
            return DISPATCHER
        case upkeep.FaultAcknowledged() | upkeep.FaultCommented() | upkeep.FaultClosed():
            return DISPATCHER_AND_TECHNICIAN
        case (
            money.ThresholdSet()
            | money.RemittanceMade()
            | money.RemittanceReversed()
            | money.RecountRecorded()
            | money.DepositRecorded()
            | money.DepositReversed()
            | money.CommissionSet()
            | money.DealerBalanceChanged()
            | money.PeriodClosed()
        ):
            return ACCOUNTANT
        case _:
            assert_never(body)
