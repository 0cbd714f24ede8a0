"""The network in one look: terminals by status, faults by severity, money today, and how complete that is."""

from datetime import datetime

from msgspec import Struct

from kmonitor.query_api.figures import Figures, Money
from kmonitor.query_api.fleet import Fleet
from kmonitor.query_api.rows import SEVERITIES, STATUSES


class Summary(Struct, frozen=True):
    """`GET /v1/summary` and the live event `summary`. `figures_at`: when the last three were read from the
    archive; null, like them, when it has not answered since this process started."""

    terminals: dict[str, int]
    faults: dict[str, int]
    money_today: list[Money] | None
    complete_to: datetime | None
    catching_up: int | None
    figures_at: datetime | None


def summary(fleet: Fleet, figures: Figures | None) -> Summary:
    return Summary(
        terminals={status: fleet.by_status[status] for status in STATUSES},
        faults={severity: fleet.by_severity[severity] for severity in SEVERITIES},
        money_today=figures.money_today if figures else None,
        complete_to=figures.complete_to if figures else None,
        catching_up=figures.catching_up if figures else None,
        figures_at=figures.at if figures else None,
    )
