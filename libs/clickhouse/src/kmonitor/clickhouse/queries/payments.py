"""A payment's life, and lists of payments."""

from dataclasses import dataclass
from datetime import date, datetime

from kmonitor.clickhouse.queries.query import Sql, where


@dataclass(frozen=True)
class PaymentFacts:
    """All that was said of one payment, in the order of the log, what a rival content said included.

    Rows: kind, refund_id, epoch, seq, partition, offset, item, at, event_time, received_at, zone, dealer,
    region, service, recipient, method, currency, inserted_minor, credited_minor, fee_minor, change_minor,
    is_test, reason, content_hash. Of rows with one (kind, refund_id) the first is the fact.
    """

    terminal: str
    payment_id: str

    def sql(self) -> Sql:
        text = """
SELECT kind, refund_id, epoch, seq, partition, offset, item, at, event_time, received_at, zone, dealer,
    region, service, recipient, method, currency, inserted AS inserted_minor, credited AS credited_minor,
    fee AS fee_minor, change AS change_minor, is_test, reason, content_hash
FROM payment_facts FINAL
WHERE terminal = {terminal:String} AND payment_id = {payment_id:String}
ORDER BY offset, item
"""
        return Sql(text, {"terminal": self.terminal, "payment_id": self.payment_id})


@dataclass(frozen=True, kw_only=True)
class PaymentLookup:
    """Payments accepted in a time, the latest first: one row each.

    `from_` and `to`, half-open: a date means each terminal's own calendar day, a datetime any instant.
    Rows: terminal, payment_id, accepted_at (event time), received_at, service, recipient, dealer, region,
    method, currency, inserted_minor, credited_minor, fee_minor, change_minor, is_test, outcome (accepted,
    completed, failed, cancelled: cancelled beats completed, which beats failed), refunded_minor.
    `after`: (accepted_at, terminal, payment_id) of the last row, to go on from there. `own`: only what was
    accepted while the terminal was this dealer's, whatever else is asked.
    """

    terminal: str | None = None
    payment_id: str | None = None
    dealer: str | None = None
    own: str | None = None
    from_: date | datetime | None = None
    to: date | datetime | None = None
    after: tuple[datetime, str, str] | None = None
    limit: int = 100

    def sql(self) -> Sql:
        found = where(
            {
                "terminal = {terminal:String}": self.terminal,
                "payment_id = {payment_id:String}": self.payment_id,
            }
        )
        chosen = where(
            {
                _bound("from", ">=", self.from_): self.from_,
                _bound("to", "<", self.to): self.to,
                "dealer = {dealer:String}": self.dealer,
                "dealer = {own:String}": self.own,
                "(accepted_at, terminal, payment_id) < ({after_at:DateTime64(6, 'UTC')},"
                " {after_terminal:String}, {after_payment:String})": self.after,
                "is_known": True,
            }
        )
        text = f"""
SELECT terminal, payment_id, fact.1 AS accepted_at, fact.2 AS received_at, fact.3 AS service,
    fact.4 AS recipient, fact.5 AS dealer, fact.6 AS region, fact.7 AS method, fact.8 AS currency,
    fact.9 AS inserted_minor, fact.10 AS credited_minor, fact.11 AS fee_minor, fact.12 AS change_minor,
    fact.13 AS is_test, outcome, refunded_minor
FROM (
    SELECT terminal, payment_id, countIf(kind = 'accepted') > 0 AS is_known,
        argMinIf(tuple(event_time, received_at, service, recipient, dealer, region, method, currency,
            inserted, credited, fee, change, is_test, day), tuple(offset, item), kind = 'accepted') AS fact,
        multiIf(countIf(kind = 'cancelled') > 0, 'cancelled', countIf(kind = 'completed') > 0, 'completed',
            countIf(kind = 'failed') > 0, 'failed', 'accepted') AS outcome,
        arrayReverseSort(x -> (x.2, x.3), groupArrayIf(
            tuple(refund_id, offset, item, credited + fee), kind = 'refunded')) AS refunds,
        -- Of two contents of one refund the first in the log stands last, and a map keeps the last.
        arraySum(mapValues(mapFromArrays(arrayMap(x -> x.1, refunds), arrayMap(x -> x.4, refunds))))
            AS refunded_minor
    FROM payment_facts FINAL
    {found}
    GROUP BY terminal, payment_id
)
{chosen}
ORDER BY accepted_at DESC, terminal DESC, payment_id DESC
LIMIT {{limit:UInt32}}
"""  # noqa: S608 (our own texts)
        given = {
            "terminal": self.terminal,
            "payment_id": self.payment_id,
            "dealer": self.dealer,
            "own": self.own,
            "from": _said(self.from_),
            "to": _said(self.to),
            "limit": self.limit,
        }
        if self.after is not None:
            at, terminal, payment_id = self.after
            given |= {"after_at": at, "after_terminal": terminal, "after_payment": payment_id}
        return Sql(text, {name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True)
class PaymentConflicts:
    """Payments of which two different things were said: the first in the log counts.

    Rows: terminal, payment_id, kind, refund_id, contents (how many).
    """

    limit: int = 1000

    def sql(self) -> Sql:
        text = """
SELECT terminal, payment_id, kind, refund_id, uniqExact(content_hash) AS contents
FROM payment_facts
WHERE kind IN ('accepted', 'refunded')
GROUP BY terminal, payment_id, kind, refund_id
HAVING contents > 1
ORDER BY terminal, payment_id, kind, refund_id
LIMIT {limit:UInt32}
"""
        return Sql(text, {"limit": self.limit})


def _bound(name: str, sign: str, value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        return f"accepted_at {sign} {{{name}:DateTime64(6, 'UTC')}}"
    return f"fact.14 {sign} {{{name}:Date}}"


def _said(value: date | datetime | None) -> date | datetime | str | None:
    return value if isinstance(value, datetime) else value and value.isoformat()
