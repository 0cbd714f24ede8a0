"""Doors, the power and the sensors of tampering are units too: their events are judged by the dictionary."""

from typing import Literal

from kmonitor.events.life import DoorChanged, PowerChanged, TamperDetected
from kmonitor.events.types import Event
from kmonitor.events.units import DeviceReported

Signal = DoorChanged | PowerChanged | TamperDetected

POWER = {"mains": "ok", "ups_ok": "on_battery", "ups_low": "battery_low"}
TAMPERED = {"tilt": "tilted", "kick": "kicked", "penetration": "penetrated"}


def word_of(event: Event) -> DeviceReported | None:
    """What an event says of a unit, in the words of `device.reported`; None if it is about something else.

    The units of signals have names of their own (`door-safe`, `power`, `tamper-kick`), so that a controller
    which reports its sensors as a device is not mistaken for them.
    """
    match event:
        case DeviceReported():
            return event
        case DoorChanged():
            opened = "safe_open" if event.door == "safe" else "door_open"
            return _said(event, "sensors", f"door-{event.door}", opened if event.open else "ok")
        case PowerChanged():
            return _said(event, "ups", "power", POWER[event.source])
        case TamperDetected():
            return _said(event, "sensors", f"tamper-{event.sensor}", TAMPERED[event.sensor])
        case _:
            return None


def _said(event: Signal, device: Literal["sensors", "ups"], unit: str, condition: str) -> DeviceReported:
    return DeviceReported(seq=event.seq, at=event.at, device=device, unit=unit, condition=condition)
