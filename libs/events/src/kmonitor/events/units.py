"""What the units of a terminal say of themselves and of what they consume."""

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import ConsumableKind, Device, Name, Text


class DeviceReported(Occurrence, frozen=True, tag="device.reported.v1"):
    """A unit says how it is: by its raw `protocol` and `code`, or by a canonical `condition`."""

    device: Device
    unit: Name
    protocol: Name | None = None
    code: Name | None = None
    condition: Name | None = None
    model: Text | None = None
    firmware: Text | None = None
    serial: Text | None = None

    def __post_init__(self) -> None:
        if (self.protocol is None) != (self.code is None):
            raise ValueError("`protocol` and `code` come together")
        if (self.code is None) == (self.condition is None):
            raise ValueError("either `protocol` and `code`, or `condition`, but not both")


class ConsumableReported(Occurrence, frozen=True, tag="consumable.reported.v1"):
    device: Device
    unit: Name
    kind: ConsumableKind
    remaining: float | None = None
    capacity: float | None = None
    level_percent: float | None = None


class ReceiptPrinted(Occurrence, frozen=True, tag="receipt.printed.v1"):
    payment_id: Name


class ReceiptFailed(Occurrence, frozen=True, tag="receipt.failed.v1"):
    """The payer got no receipt."""

    payment_id: Name
