"""How the office has a terminal stand at a moment: retired, in planned maintenance, open or closed."""

from datetime import datetime, timedelta
from operator import attrgetter

from msgspec import Struct

from kmonitor.domain.faults.presence import SILENT_AFTER_INTERVALS
from kmonitor.domain.office.registry import Registry, TerminalAttributes
from kmonitor.domain.office.upkeep import Belongs
from kmonitor.domain.terminal.hours import Hours, WrongHours, closed_since, next_change, open_since, read_hours
from kmonitor.events.office.terminals import TerminalRetired


class Standing(Struct, frozen=True):
    """Since when each holds, None where it does not. `changes_at`: until then none of it changes by itself."""

    retired_since: datetime | None = None
    maintained_since: datetime | None = None
    maintenance: str | None = None
    """What is planned, for people."""
    closed_since: datetime | None = None
    changes_at: datetime | None = None


NOTHING_SAID = Standing()
START = attrgetter("from_")


def standing(registry: Registry, terminal: str, attributes: TerminalAttributes, now: datetime) -> Standing:
    """How a terminal with these attributes stands now."""
    windows = list(
        registry.upkeep.windows(Belongs(terminal, attributes.region, attributes.dealer))
        if registry.upkeep.maintenance
        else ()
    )
    present = min((each for each in windows if each.from_ <= now < each.to), key=START, default=None)
    moments = [moment for each in windows for moment in (each.from_, each.to) if moment > now]
    closed = None
    if hours := _hours(attributes):
        closed = closed_since(hours, now, attributes.zone)
        if (change := next_change(hours, now, attributes.zone)) is not None:
            moments.append(change)
    return Standing(
        retired_since=retired_since(registry, terminal, now) if attributes.retired else None,
        maintained_since=present.from_ if present else None,
        maintenance=(present.note or present.maintenance_id) if present else None,
        closed_since=closed,
        changes_at=min(moments, default=None),
    )


def is_missed(attributes: TerminalAttributes, now: datetime) -> bool:
    """Whether a terminal that says nothing should have been heard: it is open, and has been for long enough."""
    hours = _hours(attributes)
    if not hours:
        return True
    opened = open_since(hours, now, attributes.zone)
    return opened is not None and now - opened > timedelta(
        seconds=SILENT_AFTER_INTERVALS * attributes.interval_s
    )


def _hours(attributes: TerminalAttributes) -> Hours:
    try:
        return read_hours(attributes.working_hours)
    except WrongHours:
        return ()  # written by an older gateway, which took any words


def retired_since(registry: Registry, terminal: str, now: datetime) -> datetime | None:
    """Since when a retired terminal is."""
    history = registry.terminals.get(terminal, ())
    said = [each.effective_from for each in history if isinstance(each.said, TerminalRetired)]
    return max((moment for moment in said if moment <= now), default=None)
