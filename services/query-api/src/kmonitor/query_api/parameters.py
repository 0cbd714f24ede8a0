"""What readers may ask: the parameters that several calls share, each refused by name when it is wrong."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from kmonitor.events.codec import FIRST_YEAR, LAST_YEAR
from kmonitor.query_api.cursors import DEFAULT, MOST

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
LOST_PLUS = re.compile(r" (\d{2}:\d{2})$")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _plain(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


def _moment(text: object) -> date | datetime:
    # A `+` that was not escaped in the address has become a space.
    said = LOST_PLUS.sub(r"+\1", str(text))
    if not (DAY.fullmatch(said) or INSTANT.fullmatch(said)):
        raise ValueError("must be a day (2026-11-22) or an instant with its offset (2026-11-22T10:00:00+03:00)")
    try:
        moment = date.fromisoformat(said) if DAY.fullmatch(said) else _instant(said)
    except (ValueError, OverflowError):
        raise ValueError("there is no such day or time") from None
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ValueError(f"the year must be within {FIRST_YEAR + 1} and {LAST_YEAR - 1}")
    return moment


def _instant(text: str) -> datetime:
    # Finer than a microsecond is cut off: nothing here is kept finer.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper())).astimezone(UTC)


Word = Annotated[str, Field(max_length=256), AfterValidator(_plain)]
Moment = Annotated[date | datetime, BeforeValidator(_moment), Field(description="A day or an instant.")]


class Asked(BaseModel):
    """What every call takes; a parameter that it does not know is refused."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[Word | None, Field(description="Wait up to 2 s until this operation shows.")] = None


class Listed(Asked):
    limit: Annotated[int, Field(ge=1, le=MOST)] = DEFAULT
    cursor: Annotated[Word | None, Field(description="`next` of the page before.")] = None


class Between(Listed):
    """Half-open: `from` ≤ t < `to`."""

    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None


def start_of(moment: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """The instant; of a day its midnight in the terminal's own zone."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone).astimezone(UTC)
