"""The network in one look: terminals by status, faults by severity, money today, and how complete that is."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from kmonitor.query_api.figures import Figures, Money
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.rows import SEVERITIES, STATUSES
from kmonitor.query_api.sight import Sight


class Summary(Struct, frozen=True):
    """`GET /v1/summary` and the live event `summary`. `figures_at`: when the last three were read from the
    archive; null, like them, when it has not answered since this process started. `money_today` is null too for
    a role that may not read payments."""

    terminals: dict[str, int]
    faults: dict[str, int]
    money_today: list[Money] | None
    complete_to: datetime | None
    catching_up: int | None
    figures_at: datetime | None


def summary(fleet: Fleet, figures: Figures | None, sight: Sight) -> Summary:
    """What one reader may see; `figures` are theirs already."""
    by_status, by_severity = _counts(fleet, sight.dealer)
    return Summary(
        terminals={status: by_status[status] for status in STATUSES},
        faults={severity: by_severity[severity] for severity in SEVERITIES},
        money_today=figures.money_today if figures and sight.shows_payments else None,
        complete_to=figures.complete_to if figures else None,
        catching_up=figures.catching_up if figures else None,
        figures_at=figures.at if figures else None,
    )


def _counts(fleet: Fleet, dealer: str | None) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Terminals by status and open faults by severity; of one dealer they are counted when asked."""
    if dealer is None:
        return fleet.by_status, fleet.by_severity
    own = list(fleet.after(None, dealer))
    severities = (fault.severity for terminal in own for fault in terminal.faults.faults)
    return Counter(terminal.row.status for terminal in own), Counter(severities)
