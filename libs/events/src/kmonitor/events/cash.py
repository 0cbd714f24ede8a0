"""Notes and coins: how they come into a terminal, lie in it, and leave it."""

from typing import Annotated

from msgspec import Meta, Struct

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import Currency, Name, Text

Denomination = Annotated[int, Meta(gt=0, le=10**13, description="Of one note or coin, in minor units.")]
Pieces = Annotated[int, Meta(ge=0, lt=2**31, description="How many notes or coins.")]


class NoteStacked(Occurrence, frozen=True, tag="note.stacked.v1"):
    """A banknote reached the stacker; without `payment_id` it is money outside any payment («купюры мимо»)."""

    unit: Name
    currency: Currency
    denomination_minor: Denomination
    payment_id: Name | None = None


class NoteRejected(Occurrence, frozen=True, tag="note.rejected.v1"):
    """A banknote was given back."""

    unit: Name
    reason: Text | None = None
    denomination_minor: Denomination | None = None


class CoinAccepted(Occurrence, frozen=True, tag="coin.accepted.v1"):
    """A coin fell into the box; without `payment_id` it is money outside any payment."""

    unit: Name
    currency: Currency
    denomination_minor: Denomination
    payment_id: Name | None = None


class CashDispensed(Occurrence, frozen=True, tag="cash.dispensed.v1"):
    """Notes or coins were given out, as change mostly."""

    unit: Name
    currency: Currency
    denomination_minor: Denomination
    count: Pieces
    payment_id: Name | None = None


class CassetteRemoved(Occurrence, frozen=True, tag="cassette.removed.v1"):
    unit: Name
    by: Text | None = None


class CassetteInserted(Occurrence, frozen=True, tag="cassette.inserted.v1"):
    unit: Name
    by: Text | None = None


class Content(Struct, frozen=True, kw_only=True):
    """So many notes or coins of one kind."""

    currency: Currency
    denomination_minor: Denomination
    count: Pieces


class CashCollected(Occurrence, frozen=True, tag="cash.collected.v1"):
    """What lay in a unit was taken away (инкассация); `contents` is what the terminal says it was."""

    collection_id: Name
    unit: Name
    by: Text | None = None
    bag: Text | None = None
    contents: tuple[Content, ...] = ()
