"""Logs in which items are refused and come back, in any place and number, and what is true of them."""

from collections import Counter
from typing import NamedTuple, get_args

from hypothesis import strategies as st
from money_log import TERMINALS, applied, events, reports, times
from msgspec import UNSET
from msgspec.structs import replace

from kmonitor.domain.office.write_offs import WriteOff
from kmonitor.events.codec import content_hash, encode
from kmonitor.events.log import Reason, Redriven, Refusal, Report
from kmonitor.events.types import Event

REASONS: tuple[Reason, ...] = get_args(Reason)


class Refused(NamedTuple):
    """An item that was refused once and can be read now. An older gateway's log says no identity of it."""

    terminal: str
    epoch: int
    event: Event
    refusal: Refusal

    def refused_in(self, said: Report) -> Report:
        return replace(said, terminal=self.terminal, epoch=self.epoch, refused=[self.refusal])

    def said_in(self, said: Report) -> Report:
        return replace(said, terminal=self.terminal, epoch=self.epoch, events=[self.event], refused=[])

    def back_in(self, said: Report, number: int) -> Report:
        seq, reason = self.refusal.seq, self.refusal.reason
        entry = Redriven(identity=f"i-{number}", by="admin", index=number, seq=seq, reason=reason)
        return replace(self.said_in(said), redriven=entry, queued=0)


@st.composite
def refused_items(draw: st.DrawFn, number: int) -> Refused:
    event = draw(events(st.integers(1, 15)))
    # Where the log does not say identities, two items are told apart by what was wrong with them.
    refusal = Refusal(
        index=number,
        seq=event.seq if draw(st.booleans()) else None,
        reason=REASONS[number],
        identity=f"i-{number}" if draw(st.booleans()) else UNSET,
    )
    return Refused(draw(st.sampled_from(sorted(TERMINALS))), draw(st.integers(1, 2)), event, refusal)


@st.composite
def logs_with_redrives(draw: st.DrawFn) -> list[Report]:
    """Reports in the order of the log. An item may come back before its refusal, more than once, or said
    readably by the terminal itself."""
    made = draw(st.lists(reports, max_size=8))
    for number in range(draw(st.integers(1, len(REASONS)))):
        item = draw(refused_items(number))
        made += [item.refused_in(draw(reports)) for _ in range(draw(st.integers(0, 2)))]
        made += [item.said_in(draw(reports)) for _ in range(draw(st.integers(0, 1)))]
        made += [item.back_in(draw(reports), number) for _ in range(draw(st.integers(0, 3)))]
    return draw(st.permutations(made))


write_offs = st.lists(
    st.builds(
        lambda terminal, epoch, first, length, at: (terminal, epoch, first, first + length, at),
        st.sampled_from(sorted(TERMINALS)),
        st.integers(1, 3),
        st.integers(1, 18),
        st.integers(0, 5),
        times,
    ),
    max_size=5,
).map(
    lambda made: [
        WriteOff(
            number=number,
            terminal=terminal,
            epoch=epoch,
            from_seq=first,
            to_seq=last,
            reason=f"reason {number}",
            author="admin",
            recorded_at=at,
        )
        for number, (terminal, epoch, first, last, at) in enumerate(made)
    ]
)


class Totals(NamedTuple):
    received: int
    applied: int
    duplicate: int
    quarantined: int


def plainly(log: list[Report]) -> Totals:
    """The four totals, told in the plainest way."""
    first = {key: content_hash(encode(event)) for key, (_, event) in applied(log).items()}
    seen: set[object] = set()
    known: set[object] = set()
    back: set[tuple[str, str]] = set()
    count: Counter[str] = Counter()
    for said in log:
        if said.redriven is UNSET:
            count["received"] += len(said.events) + len(said.refused)
            for refusal in said.refused:
                count["duplicate" if refusal_of(said, refusal) in known else "quarantined"] += 1
                known.add(refusal_of(said, refusal))
            for event in said.events:
                number = (said.terminal, said.epoch, event.seq)
                other = (*number, content_hash(encode(event)))
                if number not in seen:
                    count["applied"] += 1
                    seen.add(number)
                elif first[number] == other[-1] or other in known:
                    count["duplicate"] += 1
                else:
                    count["quarantined"] += 1
                    known.add(other)
            continue
        (event,) = said.events
        number = (said.terminal, said.epoch, event.seq)
        entry = (said.terminal, said.redriven.identity)
        if entry in back or (number in seen and first[number] != content_hash(encode(event))):
            continue
        back.add(entry)
        by_place = Refusal(index=said.redriven.index or 0, seq=said.redriven.seq, reason=said.redriven.reason)  # type: ignore[arg-type]
        was_quarantined = bool(known & {entry, refusal_of(said, by_place)})
        known.add(entry)
        count["quarantined"] -= was_quarantined
        count["received"] += not was_quarantined and number not in seen
        count["duplicate"] += was_quarantined and number in seen
        count["applied"] += number not in seen
        seen.add(number)
    return Totals(count["received"], count["applied"], count["duplicate"], count["quarantined"])


def refusal_of(said: Report, refusal: Refusal) -> tuple[object, ...]:
    """By what a refused item is known again."""
    if refusal.identity is not UNSET:
        return said.terminal, refusal.identity
    place = f"#{refusal.index}" if refusal.seq is None else refusal.seq
    return said.terminal, said.epoch, place, refusal.reason, refusal.detail
