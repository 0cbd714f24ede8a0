"""What every event of a terminal says, whatever it is about."""

from typing import Annotated

from msgspec import Meta, Struct

from kmonitor.events.scalars import Instant, Seq


class Occurrence(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event says: its place in the terminal's own order, and when, by the terminal's clock."""

    seq: Seq
    at: Annotated[
        Instant, Meta(description="When it happened, by the terminal's clock: RFC 3339 with an offset.")
    ]
