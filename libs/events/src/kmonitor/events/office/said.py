"""What every operation says, and how it names those whom it is about."""

from typing import Annotated

from msgspec import Meta, Struct

from kmonitor.events.scalars import Instant, Name

TerminalId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\s~/?#\x00-\x20][^\s/?#\x00-\x1f]*$",
        description="The terminal's id, for ever.",
    ),
]
PersonId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/?#:\x00-\x20]+$")]
Note = Annotated[str, Meta(max_length=4096)]


class OperationSaid(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every operation says besides its own fields."""

    effective_from: (
        Annotated[Instant, Meta(description="From when it holds; without it, from when it was recorded.")]
        | None
    ) = None


class Chosen(OperationSaid, frozen=True, kw_only=True):
    """Which terminals: those named, or those of a region or of a dealer; all when none of them is said."""

    terminals: tuple[TerminalId, ...] | None = None
    region: Name | None = None
    dealer: Name | None = None

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.terminals, self.region, self.dealer)) > 1:
            raise ValueError("say one of `terminals`, `region` and `dealer`")
