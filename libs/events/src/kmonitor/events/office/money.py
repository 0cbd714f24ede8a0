"""The office on money: what was remitted, recounted and deposited, and on which terms."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kmonitor.events.cash import Content
from kmonitor.events.office.said import Note, OperationSaid
from kmonitor.events.scalars import Currency, Minor, Name, Text

Percent = Annotated[
    str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$", description='A decimal number, as "1.25".')
]
Signed = Annotated[int, Meta(ge=-(10**13), le=10**13, description="Money in minor units, of either sign.")]
Amount = Annotated[int, Meta(gt=0, le=10**15, description="Money in minor units.")]


class ThresholdSet(OperationSaid, frozen=True, tag="threshold.set.v1"):
    """When so much is due to a recipient, it is remitted (финансовый порог)."""

    recipient: Name
    currency: Currency
    amount_minor: Annotated[int, Meta(ge=0, le=10**15, description="From how much on, in minor units.")]


class RemittanceMade(OperationSaid, frozen=True, tag="remittance.made.v1"):
    """Money was sent to a recipient (перечисление)."""

    remittance_id: Name
    recipient: Name
    currency: Currency
    amount_minor: Amount
    reference: Text | None = None


class RemittanceReversed(OperationSaid, frozen=True, tag="remittance.reversed.v1"):
    """A remittance came back or was none; what is absent is as it was said when it was made."""

    remittance_id: Name
    recipient: Name | None = None
    currency: Currency | None = None
    amount_minor: Amount | None = None
    reference: Text | None = None


class RecountRecorded(OperationSaid, frozen=True, tag="recount.recorded.v1"):
    """What was found in the bag (пересчёт); a later recount of the collection supersedes an earlier one."""

    recount_id: Name
    collection_id: Name
    contents: tuple[Content, ...]


class DepositPart(Struct, frozen=True, kw_only=True):
    """What of one collection came to the account."""

    collection_id: Name
    currency: Currency
    amount_minor: Minor


class DepositRecorded(OperationSaid, frozen=True, tag="deposit.recorded.v1"):
    """Collected money came to the special bank account (зачисление на специальный счёт)."""

    deposit_id: Name
    parts: Annotated[tuple[DepositPart, ...], Meta(min_length=1, max_length=10_000)]


class DepositReversed(OperationSaid, frozen=True, tag="deposit.reversed.v1"):
    """A deposit was none after all."""

    deposit_id: Name
    note: Note | None = None


class CommissionRange(Struct, frozen=True, kw_only=True):
    """From this amount on another rate holds."""

    from_minor: Minor
    rate_percent: Percent = "0"
    fixed_minor: Minor = 0


class CommissionTerms(Struct, frozen=True, kw_only=True):
    """A rate and a fixed part, within bounds, of what was inserted or credited: exact, and rounded once."""

    rate_percent: Percent = "0"
    fixed_minor: Minor = 0
    minimum_minor: Minor | None = None
    maximum_minor: Minor | None = None
    base: Literal["inserted", "credited"] = "credited"
    rounding: Literal["high", "bank", "low"] = "bank"
    ranges: tuple[CommissionRange, ...] = ()


class CommissionSet(OperationSaid, frozen=True, tag="commission.set.v1"):
    """The terms of a service, of a dealer, or of a service with one dealer."""

    terms: CommissionTerms
    service: Name | None = None
    dealer: Name | None = None


class DealerBalanceChanged(OperationSaid, frozen=True, tag="dealer_balance.changed.v1"):
    """A dealer paid in (positive) or was paid out."""

    dealer: Name
    currency: Currency
    amount_minor: Signed
    reference: Text | None = None


class PeriodClosed(OperationSaid, frozen=True, tag="period.closed.v1"):
    """What is known of a day by now was reported: whatever changes it later is a restatement."""

    day: date
    dealer: Name | None = None


MoneyOperation = (
    ThresholdSet
    | RemittanceMade
    | RemittanceReversed
    | RecountRecorded
    | DepositRecorded
    | DepositReversed
    | CommissionSet
    | DealerBalanceChanged
    | PeriodClosed
)
