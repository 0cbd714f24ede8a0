"""Money taken, by any keys: from the hourly totals, or from the bookings where an instant cuts an hour."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kmonitor.clickhouse.queries.query import Sql, where

Key = Literal["terminal", "service", "recipient", "dealer", "region", "method", "day", "hour"]

# The only texts that reach the SQL for a key: a caller's word is looked up, never formatted in.
KEYS: dict[Key, str] = {
    "terminal": "terminal",
    "service": "service",
    "recipient": "recipient",
    "dealer": "dealer",
    "region": "region",
    "method": "method",
    "day": "toString(toDate(hour))",
    "hour": "formatDateTime(hour, '%Y-%m-%dT%H')",
}
SUMS = """
    sum(payments) AS sum_payments, sum(inserted) AS inserted_minor, sum(credited) AS credited_minor,
    sum(fee) AS fee_minor, sum(refunded) AS refunded_minor"""


@dataclass(frozen=True, kw_only=True)
class RevenueBy:
    """Volumes of accepted payments that were not cancelled, by `group_by` and always by currency.

    `from_` and `to`, half-open: a date means each terminal's own calendar day, a datetime any instant.
    Rows, in the order of their keys: the keys (`day` as YYYY-MM-DD, `hour` as YYYY-MM-DDTHH, both in
    the terminal's own zone), currency, payments, inserted_minor, credited_minor, fee_minor,
    refunded_minor. Buckets that came to nothing are not shown. `after`: the last row's keys and
    currency (as `group_by` orders them), to go on from there. `own`: only what was taken while a terminal
    was this dealer's, whatever else is asked.
    """

    from_: date | datetime | None = None
    to: date | datetime | None = None
    group_by: tuple[Key, ...] = ()
    terminal: str | None = None
    dealer: str | None = None
    region: str | None = None
    service: str | None = None
    recipient: str | None = None
    own: str | None = None
    after: tuple[str, ...] | None = None
    limit: int = 1000

    def sql(self) -> Sql:
        table = "payment_bookings" if self._is_by_instant else "revenue_hourly"
        keys = (*(KEYS[key] for key in self.group_by), "currency")
        names = (*self.group_by, "currency")
        shown = ", ".join(f"{key} AS {'key_' + name}" for key, name in zip(keys, names, strict=True))
        ordered = ", ".join("key_" + name for name in names)
        # The inner aliases differ from the columns, else a filter would mean the alias.
        renamed = ", ".join(f"key_{name} AS {name}" for name in names)
        after = f"AND ({ordered},) > tuple({_slots('after', self.after)})" if self.after is not None else ""
        text = f"""
SELECT {renamed}, sum_payments AS payments, inserted_minor, credited_minor, fee_minor, refunded_minor
FROM (
    SELECT {shown}, {SUMS}
    FROM {table} FINAL
    {where(self._conditions())}
    GROUP BY {ordered}
)
WHERE (sum_payments != 0 OR inserted_minor != 0 OR credited_minor != 0 OR fee_minor != 0 OR refunded_minor != 0)
    {after}
ORDER BY {ordered}
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        return Sql(text, self._parameters())

    @property
    def _is_by_instant(self) -> bool:
        return isinstance(self.from_, datetime) or isinstance(self.to, datetime)

    @property
    def _day(self) -> str:
        """The day in the words of the table's primary key."""
        return "toDate(hour)" if self._is_by_instant else "day"

    def _conditions(self) -> dict[str, object]:
        return {
            **_bound("from", ">=", self.from_, self._day),
            **_bound("to", "<", self.to, self._day),
            "terminal = {terminal:String}": self.terminal,
            "dealer = {dealer:String}": self.dealer,
            "region = {region:String}": self.region,
            "service = {service:String}": self.service,
            "recipient = {recipient:String}": self.recipient,
            "dealer = {own:String}": self.own,
        }

    def _parameters(self) -> dict[str, object]:
        given = {
            "from": _text(self.from_),
            "to": _text(self.to),
            "terminal": self.terminal,
            "dealer": self.dealer,
            "region": self.region,
            "service": self.service,
            "recipient": self.recipient,
            "own": self.own,
            "limit": self.limit,
            **{f"after_{at}": key for at, key in enumerate(self.after or ())},
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class RevenueByZone:
    """Volumes of whole local days by zone, for «money today» where today differs from zone to zone.

    Rows: zone, day (date), currency, payments, credited_minor. `own`: of this dealer's alone.
    """

    from_: date
    to: date
    own: str | None = None

    def sql(self) -> Sql:
        own = "AND dealer = {own:String}" if self.own is not None else ""
        text = f"""
SELECT zone, day, currency, sum(payments) AS payments, sum(credited) AS credited_minor
FROM revenue_hourly FINAL
WHERE day >= {{from:Date}} AND day < {{to:Date}} {own}
GROUP BY zone, day, currency
ORDER BY zone, day, currency
"""  # noqa: S608 (our own texts)
        given: dict[str, object] = {"from": self.from_.isoformat(), "to": self.to.isoformat()}
        return Sql(text, given if self.own is None else given | {"own": self.own})


@dataclass(frozen=True)
class RevenuePosition:
    """How far the money is counted. Rows: partition of the log, offset (the last that changed a sum)."""

    def sql(self) -> Sql:
        text = """
SELECT partition, max(revision) AS offset
FROM revenue_progress
GROUP BY partition
ORDER BY partition
"""
        return Sql(text, {})


def _bound(name: str, sign: str, value: date | datetime | None, day: str) -> dict[str, object]:
    if isinstance(value, datetime):
        instant = f"{{{name}:DateTime64(6, 'UTC')}}"
        # A wall clock is less than a day away from UTC: this lets the primary key help.
        hours = f"hour {sign} toDateTime({instant}, 'UTC') {'-' if name == 'from' else '+'} 86400"
        return {f"event_time {sign} {instant}": value, hours: value}
    return {f"{day} {sign} {{{name}:Date}}": value}


def _text(value: date | datetime | None) -> date | datetime | str | None:
    return value if isinstance(value, datetime) else value and value.isoformat()


def _slots(name: str, values: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}_{at}:String}}" for at in range(len(values)))
