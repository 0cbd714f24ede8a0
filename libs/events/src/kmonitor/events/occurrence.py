"""What every event of a terminal says, whatever it is about."""

from msgspec import Struct

from kmonitor.events.scalars import Instant, Seq


class Occurrence(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event says: its place in the terminal's own order, and when, by the terminal's clock."""

    seq: Seq
    at: Instant
