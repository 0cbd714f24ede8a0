"""A terminal's own life: it starts, stops, is heard, is locked, opened, powered and tampered with."""

from typing import Literal

from msgspec import Struct

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import Count, Procedure, Text


class TerminalStarted(Occurrence, frozen=True, tag="terminal.started.v1"):
    reason: Literal["power_on", "reboot", "watchdog", "update", "unknown"] = "unknown"
    software: Text | None = None
    timezone: Text | None = None


class TerminalStopped(Occurrence, frozen=True, tag="terminal.stopped.v1"):
    reason: Literal["power_off", "reboot", "update", "operator", "crash"]


class Link(Struct, frozen=True, kw_only=True):
    kind: Literal["ethernet", "wifi", "gsm"] | None = None
    operator: Text | None = None
    signal_percent: float | None = None
    ping_ms: float | None = None


class TerminalHeartbeat(Occurrence, frozen=True, tag="terminal.heartbeat.v1"):
    uptime_s: float | None = None
    unsent_payments: Count | None = None
    cpu_percent: float | None = None
    memory_percent: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None
    link: Link | None = None
    sim_balance_minor: int | None = None


class TerminalLocked(Occurrence, frozen=True, tag="terminal.locked.v1"):
    reason: Text | None = None
    by: Text | None = None


class TerminalUnlocked(Occurrence, frozen=True, tag="terminal.unlocked.v1"):
    reason: Text | None = None
    by: Text | None = None


class SessionEnded(Occurrence, frozen=True, tag="session.ended.v1"):
    """A payer has left the screen, with or without having paid."""

    outcome: Literal["paid", "abandoned", "timeout"]
    last_screen: Text | None = None
    duration_s: float | None = None


class ProcedurePerformed(Occurrence, frozen=True, tag="procedure.performed.v1"):
    """A regulated procedure was done (регламентная процедура)."""

    procedure: Procedure
    by: Text | None = None
    result: Literal["ok", "failed"] = "ok"
    note: Text | None = None


class ServiceMenuOpened(Occurrence, frozen=True, tag="service_menu.opened.v1"):
    role: Literal["service", "collection", "technician"]
    by: Text | None = None


class ServiceMenuClosed(Occurrence, frozen=True, tag="service_menu.closed.v1"):
    role: Literal["service", "collection", "technician"] | None = None
    by: Text | None = None


class DoorChanged(Occurrence, frozen=True, tag="door.changed.v1"):
    door: Literal["cabinet", "safe", "upper", "lower"]
    open: bool


class PowerChanged(Occurrence, frozen=True, tag="power.changed.v1"):
    """What feeds the terminal: the mains, or a UPS that is nearly empty, or one that will last a while."""

    source: Literal["mains", "ups_low", "ups_ok"]


class TamperDetected(Occurrence, frozen=True, tag="tamper.detected.v1"):
    sensor: Literal["tilt", "kick", "penetration"]
