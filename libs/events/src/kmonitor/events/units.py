"""What the units of a terminal say of themselves and of what they consume."""

from typing import Annotated

from msgspec import Meta

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import ConsumableKind, Device, Name, PaymentId, Text, UnitName

DeviceClass = Annotated[Device, Meta(description="The class of the unit.")]


class DeviceReported(Occurrence, frozen=True, tag="device.reported.v1"):
    """A unit says how it is: by its raw `protocol` and `code`, or by a canonical `condition`."""

    device: DeviceClass
    unit: UnitName
    protocol: Annotated[Name, Meta(description="Whose code it is: ccnet, escpos, xfs, …")] | None = None
    code: (
        Annotated[Name, Meta(description="As the unit said it; hexadecimal for CCNET. Comes with `protocol`.")]
        | None
    ) = None
    condition: (
        Annotated[Name, Meta(description="A canonical condition, as ok or jammed, instead of a code.")] | None
    ) = None
    model: Annotated[Text, Meta(description="Maker and model.")] | None = None
    firmware: Annotated[Text, Meta(description="The version of its firmware.")] | None = None
    serial: Annotated[Text, Meta(description="Its serial number.")] | None = None

    def __post_init__(self) -> None:
        if (self.protocol is None) != (self.code is None):
            raise ValueError("`protocol` and `code` come together")
        if (self.code is None) == (self.condition is None):
            raise ValueError("either `protocol` and `code`, or `condition`, but not both")


class ConsumableReported(Occurrence, frozen=True, tag="consumable.reported.v1"):
    """How much of something that is used up, or of the room for cash, is left."""

    device: DeviceClass
    unit: UnitName
    kind: Annotated[ConsumableKind, Meta(description="What is used up, or fills up.")]
    remaining: Annotated[float, Meta(description="How much is left, in the terminal's own measure.")] | None = (
        None
    )
    capacity: Annotated[float, Meta(description="How much there is when it is new or empty.")] | None = None
    level_percent: Annotated[float, Meta(description="How much is left, 0 to 100.")] | None = None


class ReceiptPrinted(Occurrence, frozen=True, tag="receipt.printed.v1"):
    """The payer got a receipt."""

    payment_id: PaymentId


class ReceiptFailed(Occurrence, frozen=True, tag="receipt.failed.v1"):
    """The payer got no receipt."""

    payment_id: PaymentId
