"""How the log holds what terminals say: a report with the very bytes of its events, or a tick."""

from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Raw, Struct

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
    """An item of a report that can never be read; its bytes are in the quarantine."""

    index: int
    seq: int | None
    reason: Reason
    detail: str = ""


class ReportOf(Struct, Generic[E], frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """A report as the gateway took it. `operations_up_to` is the number of the last operation it knew."""

    terminal: str
    epoch: Epoch
    sent_at: Instant
    received_at: Instant
    queued: Queued
    operations_up_to: int
    events: list[E]
    refused: list[Refusal] = []


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
