"""Logs that hypothesis makes up, and what is true of them, worked out in the plainest way."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from builders import NOON
from hypothesis import strategies as st
from msgspec.structs import replace

from kmonitor.events.codec import encode
from kmonitor.events.life import TerminalHeartbeat
from kmonitor.events.log import Refusal, Report
from kmonitor.events.payments import PaymentAccepted, PaymentCancelled, PaymentCompleted, PaymentRefunded
from kmonitor.events.types import Event
from kmonitor.kafka.records import Record
from kmonitor.kafka.topics import TERMINAL_EVENTS

TERMINALS = {"T-0": 0, "T-1": 1, "T-2": 0}
"""Each terminal and its partition."""
Amounts = tuple[int, int, int, int, int]

times = st.integers(0, 5).map(lambda hours: NOON + timedelta(minutes=40 * hours))
payment_ids = st.sampled_from(["p0", "p1", "p2", "p3"])
minor = st.integers(0, 10**13)


def events(seqs: st.SearchStrategy[int]) -> st.SearchStrategy[Event]:
    """Few numbers, payments and times, so that everything collides with everything."""
    accepted = st.builds(
        PaymentAccepted,
        seq=seqs,
        at=times,
        payment_id=payment_ids,
        service=st.sampled_from(["mobile", "water"]),
        recipient=st.just("beeline"),
        method=st.sampled_from(["cash", "card"]),
        currency=st.sampled_from(["RUB", "KZT"]),
        inserted_minor=minor,
        credited_minor=minor,
        fee_minor=minor,
        test=st.sampled_from([False] * 5 + [True]),
    )
    cancelled = st.builds(PaymentCancelled, seq=seqs, at=times, payment_id=payment_ids)
    completed = st.builds(PaymentCompleted, seq=seqs, at=times, payment_id=payment_ids)
    refunded = st.builds(
        PaymentRefunded,
        seq=seqs,
        at=times,
        payment_id=payment_ids,
        refund_id=st.sampled_from(["r0", "r1"]),
        currency=st.just("RUB"),
        credited_minor=minor,
        fee_minor=minor,
    )
    beat = st.builds(TerminalHeartbeat, seq=seqs, at=times)
    return st.one_of(accepted, accepted, accepted, cancelled, completed, refunded, beat)


refusals = st.builds(
    Refusal,
    index=st.integers(0, 2),
    seq=st.one_of(st.none(), st.integers(1, 15)),
    reason=st.just("invalid_field"),
    detail=st.sampled_from(["this", "that"]),
)
reports = st.builds(
    Report,
    terminal=st.sampled_from(sorted(TERMINALS)),
    epoch=st.integers(1, 2),
    sent_at=times,
    received_at=times,
    queued=st.sampled_from([0, 0, 0, 7]),
    operations_up_to=st.just(-1),
    events=st.lists(events(st.integers(1, 15)), max_size=5),
    refused=st.lists(refusals, max_size=1),
)


@st.composite
def logs(draw: st.DrawFn) -> list[Report]:
    """Reports in the order of the log; some come again."""
    made = draw(st.lists(reports, min_size=1, max_size=14))
    again = draw(st.lists(st.sampled_from(made), max_size=6))
    return draw(st.permutations([*made, *(replace(each, queued=0) for each in again)]))


def records(log: list[Report]) -> list[Record]:
    """The log in its two partitions."""
    offsets: Counter[int] = Counter()
    found: list[Record] = []
    for report in log:
        partition = TERMINALS[report.terminal]
        key = report.terminal.encode()
        found.append(Record(TERMINAL_EVENTS, partition, offsets[partition], key, encode(report), (), 0))
        offsets[partition] += 1
    return found


def applied(log: list[Report]) -> dict[tuple[str, int, int], tuple[Report, Event]]:
    """The first event of each number."""
    first: dict[tuple[str, int, int], tuple[Report, Event]] = {}
    for report in log:
        for event in report.events:
            first.setdefault((report.terminal, report.epoch, event.seq), (report, event))
    return first


def revenue(log: list[Report]) -> dict[tuple[str, ...], Amounts]:
    """Payments, inserted, credited, fee and refunded by hour, terminal, service, method and currency."""
    accepted: dict[tuple[str, str], tuple[str, PaymentAccepted]] = {}
    refunds: dict[tuple[str, str, str], tuple[str, PaymentRefunded]] = {}
    void: set[tuple[str, str]] = set()
    for report, event in applied(log).values():
        skew = report.received_at - report.sent_at
        time = event.at + skew if abs(skew) > timedelta(minutes=5) else event.at
        hour = time.strftime("%Y-%m-%dT%H")
        if isinstance(event, PaymentAccepted):
            accepted.setdefault((report.terminal, event.payment_id), (hour, event))
        elif isinstance(event, PaymentRefunded):
            refunds.setdefault((report.terminal, event.payment_id, event.refund_id), (hour, event))
        elif isinstance(event, PaymentCancelled):
            void.add((report.terminal, event.payment_id))
    void |= {payment for payment, (_, said) in accepted.items() if said.test}
    totals: dict[tuple[str, ...], Amounts] = {}

    def add(key: tuple[str, ...], *amounts: int) -> None:
        known = totals.get(key, (0, 0, 0, 0, 0))
        totals[key] = tuple(a + b for a, b in zip(known, amounts, strict=True))  # type: ignore[assignment]

    for payment, (hour, said) in accepted.items():
        if payment not in void:
            key = (hour, payment[0], said.service, said.method, said.currency)
            add(key, 1, said.inserted_minor, said.credited_minor, said.fee_minor, 0)
    for (terminal, payment_id, _), (hour, back) in refunds.items():
        if (terminal, payment_id) not in void:
            of = accepted.get((terminal, payment_id))
            service, method = (of[1].service, of[1].method) if of else ("", "")
            add(
                (hour, terminal, service, method, back.currency),
                0, 0, 0, 0, back.credited_minor + back.fee_minor,
            )  # fmt: skip
    return {key: amounts for key, amounts in totals.items() if any(amounts)}


def cut(found: list[Any], places: list[int]) -> list[list[Any]]:
    """The list in pieces."""
    bounds = [0, *sorted({place % (len(found) + 1) for place in places}), len(found)]
    return [found[one:other] for one, other in pairwise(bounds) if one < other]
