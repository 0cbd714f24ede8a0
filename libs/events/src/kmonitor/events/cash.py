"""Notes and coins: how they come into a terminal, lie in it, and leave it."""

from typing import Annotated

from msgspec import Meta, Struct

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import By, Currency, Name, OfPayment, Text, UnitName

Denomination = Annotated[int, Meta(gt=0, le=10**13, description="Of one note or coin, in minor units.")]
Pieces = Annotated[int, Meta(ge=0, lt=2**31, description="How many notes or coins.")]


class NoteStacked(Occurrence, frozen=True, tag="note.stacked.v1"):
    """A banknote reached the stacker; without `payment_id` it is money outside any payment («купюры мимо»)."""

    unit: UnitName
    currency: Currency
    denomination_minor: Denomination
    payment_id: OfPayment | None = None


class NoteRejected(Occurrence, frozen=True, tag="note.rejected.v1"):
    """A banknote was given back."""

    unit: UnitName
    reason: Annotated[Text, Meta(description="Why the acceptor did not take it.")] | None = None
    denomination_minor: Denomination | None = None


class CoinAccepted(Occurrence, frozen=True, tag="coin.accepted.v1"):
    """A coin fell into the box; without `payment_id` it is money outside any payment."""

    unit: UnitName
    currency: Currency
    denomination_minor: Denomination
    payment_id: OfPayment | None = None


class CashDispensed(Occurrence, frozen=True, tag="cash.dispensed.v1"):
    """Notes or coins were given out, as change mostly."""

    unit: UnitName
    currency: Currency
    denomination_minor: Denomination
    count: Pieces
    payment_id: OfPayment | None = None


class CassetteRemoved(Occurrence, frozen=True, tag="cassette.removed.v1"):
    """The cassette with the cash was taken out of a unit."""

    unit: UnitName
    by: By | None = None


class CassetteInserted(Occurrence, frozen=True, tag="cassette.inserted.v1"):
    """A cassette was put into a unit."""

    unit: UnitName
    by: By | None = None


class Content(Struct, frozen=True, kw_only=True):
    """So many notes or coins of one kind."""

    currency: Currency
    denomination_minor: Denomination
    count: Pieces


class CashCollected(Occurrence, frozen=True, tag="cash.collected.v1"):
    """What lay in a unit was taken away (инкассация); `contents` is what the terminal says it was."""

    collection_id: Annotated[Name, Meta(description="The collection's number: recount and deposit name it.")]
    unit: UnitName
    by: By | None = None
    bag: Annotated[Text, Meta(description="The number of the bag.")] | None = None
    contents: Annotated[tuple[Content, ...], Meta(description="What was taken, by the terminal's count.")] = ()
