"""A terminal's own life: it starts, stops, is heard, is locked, opened, powered and tampered with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from kmonitor.events.occurrence import Occurrence
from kmonitor.events.scalars import By, Count, Procedure, Text

MenuRole = Annotated[
    Literal["service", "collection", "technician"], Meta(description="In which role the menu was opened.")
]


class TerminalStarted(Occurrence, frozen=True, tag="terminal.started.v1"):
    """The terminal's software is up and takes payments again, unless it is locked."""

    reason: Annotated[
        Literal["power_on", "reboot", "watchdog", "update", "unknown"], Meta(description="Why it had to start.")
    ] = "unknown"
    software: Annotated[Text, Meta(description="The version of the terminal's software.")] | None = None
    timezone: Annotated[Text, Meta(description="IANA time zone it is set to, as Europe/Moscow.")] | None = None


class TerminalStopped(Occurrence, frozen=True, tag="terminal.stopped.v1"):
    """The last word before the terminal goes down: after it, its silence is no alarm."""

    reason: Annotated[
        Literal["power_off", "reboot", "update", "operator", "crash"], Meta(description="Why it goes down.")
    ]


class Link(Struct, frozen=True, kw_only=True):
    """How the terminal is connected."""

    kind: Annotated[Literal["ethernet", "wifi", "gsm"], Meta(description="By what.")] | None = None
    operator: Annotated[Text, Meta(description="The mobile operator or provider.")] | None = None
    signal_percent: Annotated[float, Meta(description="Strength of the signal, 0 to 100.")] | None = None
    ping_ms: Annotated[float, Meta(description="Time to the gateway and back, milliseconds.")] | None = None


class TerminalHeartbeat(Occurrence, frozen=True, tag="terminal.heartbeat.v1"):
    """How the computer and the link are. Presence needs none: any report says that the terminal is there."""

    uptime_s: Annotated[float, Meta(description="Seconds since the computer started.")] | None = None
    unsent_payments: (
        Annotated[Count, Meta(description="Payments that their provider has not confirmed yet.")] | None
    ) = None
    cpu_percent: Annotated[float, Meta(description="Load of the processor, 0 to 100.")] | None = None
    memory_percent: Annotated[float, Meta(description="Memory in use, 0 to 100.")] | None = None
    disk_free_mb: Annotated[float, Meta(description="Free space on the disk, megabytes.")] | None = None
    temperature_c: Annotated[float, Meta(description="Inside the cabinet, degrees Celsius.")] | None = None
    link: Link | None = None
    sim_balance_minor: (
        Annotated[int, Meta(description="Balance of the SIM card in minor units; may be negative.")] | None
    ) = None


class TerminalLocked(Occurrence, frozen=True, tag="terminal.locked.v1"):
    """The terminal takes no payments until it is unlocked."""

    reason: Annotated[Text, Meta(description="Why, in the terminal's words.")] | None = None
    by: By | None = None


class TerminalUnlocked(Occurrence, frozen=True, tag="terminal.unlocked.v1"):
    """The terminal takes payments again."""

    reason: Annotated[Text, Meta(description="Why, in the terminal's words.")] | None = None
    by: By | None = None


class SessionEnded(Occurrence, frozen=True, tag="session.ended.v1"):
    """A payer has left the screen, with or without having paid."""

    outcome: Annotated[Literal["paid", "abandoned", "timeout"], Meta(description="How it ended.")]
    last_screen: Annotated[Text, Meta(description="The screen that the payer saw last.")] | None = None
    duration_s: Annotated[float, Meta(description="How long it took, seconds.")] | None = None


class ProcedurePerformed(Occurrence, frozen=True, tag="procedure.performed.v1"):
    """A regulated procedure was done (регламентная процедура)."""

    procedure: Annotated[Procedure, Meta(description="Which one.")]
    by: By | None = None
    result: Annotated[Literal["ok", "failed"], Meta(description="How it went.")] = "ok"
    note: Annotated[Text, Meta(description="A remark for people.")] | None = None


class ServiceMenuOpened(Occurrence, frozen=True, tag="service_menu.opened.v1"):
    """Somebody works on the terminal: until the menu is closed, it is under maintenance."""

    role: MenuRole
    by: By | None = None


class ServiceMenuClosed(Occurrence, frozen=True, tag="service_menu.closed.v1"):
    """The work on the terminal is over."""

    role: MenuRole | None = None
    by: By | None = None


class DoorChanged(Occurrence, frozen=True, tag="door.changed.v1"):
    """A door was opened or shut."""

    door: Annotated[Literal["cabinet", "safe", "upper", "lower"], Meta(description="Which one.")]
    open: Annotated[bool, Meta(description="Whether it is open now.")]


class PowerChanged(Occurrence, frozen=True, tag="power.changed.v1"):
    """What feeds the terminal: the mains, or a UPS that is nearly empty, or one that will last a while."""

    source: Annotated[Literal["mains", "ups_low", "ups_ok"], Meta(description="What feeds it now.")]


class TamperDetected(Occurrence, frozen=True, tag="tamper.detected.v1"):
    """A sensor felt that somebody tilts, kicks or breaks the terminal."""

    sensor: Annotated[Literal["tilt", "kick", "penetration"], Meta(description="What it felt.")]
