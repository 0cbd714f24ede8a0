"""How the log holds what terminals say: a report with the very bytes of its events, or a tick."""

from typing import Annotated, Generic, Literal, TypeVar

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from kmonitor.events.scalars import Epoch, Instant, Queued
from kmonitor.events.types import Event

Reason = Literal[
    "not_an_object", "invalid_json", "repeated_key", "unknown_type", "invalid_field", "impossible_time"
]
E = TypeVar("E")


class ReportBody(Struct, frozen=True, kw_only=True):
    """What a terminal posts; each event still as the bytes that came."""

    terminal: Annotated[str, Meta(description="The terminal's own id, the one that its credential is for.")]
    epoch: Epoch
    sent_at: Annotated[Instant, Meta(description="The terminal's clock at this very attempt: RFC 3339.")]
    events: Annotated[list[Raw], Meta(description="What happened, in the order of `seq`.")]
    queued: Queued = 0


class Refusal(Struct, frozen=True, kw_only=True):
    """An item of a report that can never be read; its bytes are in the quarantine, under `identity`."""

    index: int
    seq: int | None
    reason: Reason
    detail: str = ""
    identity: str | UnsetType = UNSET


class Redriven(Struct, frozen=True, kw_only=True):
    """The entry of the quarantine whose bytes a report brings again, and who asked for it.

    `index`, `seq` and `reason` are those of the refusal, None where a whole record could not be read: a
    refusal from before it said its identity is known again by them.
    """

    identity: str
    by: str
    index: int | None = None
    seq: int | None = None
    reason: str | None = None


class ReportOf(Struct, Generic[E], frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """A report as the gateway took it. `operations_up_to` is the number of the last operation it knew.

    With `redriven` nobody spoke: what had been refused is read now, and its clocks give its events the time
    that they would have had.
    """

    terminal: str
    epoch: Epoch
    sent_at: Instant
    received_at: Instant
    queued: Queued
    operations_up_to: int
    events: list[E]
    refused: list[Refusal] = []
    redriven: Redriven | UnsetType = UNSET

    @property
    def is_redrive(self) -> bool:
        return self.redriven is not UNSET


class Tick(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tick"):
    """The passing of time, written by the gateway each second into every partition."""

    at: Instant
    refusing: bool
    operations_up_to: int


Report = ReportOf[Event]
RawReport = ReportOf[Raw]


class Identity(Struct, frozen=True, order=True):
    """What makes an event itself, however often it is sent."""

    terminal: str
    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.terminal}/{self.epoch}/{self.seq}"
