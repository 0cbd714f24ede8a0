"""However often, in whatever order and by whomever the quarantine is re-driven, the totals change once."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from money_log import cut, records
from redrive_log import logs_with_redrives, plainly

from kmonitor.clickhouse import tables
from kmonitor.clickhouse.instants import EPOCH
from kmonitor.domain.completeness import Arrival, SeqRange, completeness, terminal_completeness
from kmonitor.domain.sequences import Seen, merged
from kmonitor.event_archive.accounting import Before, account
from kmonitor.event_archive.judging import Identity, conflict_key, is_same, judge
from kmonitor.event_archive.reading import TOPICS, Heard, read
from kmonitor.event_archive.rows import Place, add_report
from kmonitor.events.log import Report
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance


class Archive:
    """The archive's rules over rows in memory; what it knows between batches it takes from those rows alone."""

    def __init__(self) -> None:
        self.arrivals, self.events = tables.arrivals(), tables.events()

    def write(self, batch: list[Record]) -> None:
        seen, before, firsts = self._remembered()
        for heard in read(batch, {topic: Tolerance(topic) for topic in TOPICS}).reports:
            self._write(heard, seen, before, firsts)

    def _write(
        self,
        heard: Heard,
        seen: defaultdict[str, dict[int, Seen]],
        before: defaultdict[str, Before],
        firsts: dict[Identity, bytes],
    ) -> None:
        report = heard.report
        judged = judge(heard, seen[report.terminal])
        for item in judged.applied:
            firsts[report.terminal, report.epoch, report.events[item].seq] = bytes(heard.raw.events[item])
        for identity, item in judged.compare:
            raw = bytes(heard.raw.events[item])
            if is_same(raw, firsts[identity]):
                judged.duplicates += 1
            else:
                judged.conflicts.append((item, conflict_key(identity, raw)))
        account(judged, before[report.terminal])
        add_report(self.arrivals, self.events, judged, Place(60, -1))

    def _remembered(
        self,
    ) -> tuple[defaultdict[str, dict[int, Seen]], defaultdict[str, Before], dict[Identity, bytes]]:
        seen: defaultdict[str, dict[int, Seen]] = defaultdict(dict)
        before: defaultdict[str, Before] = defaultdict(Before)
        for each in self.stored():
            ranges = [(one.first, one.last) for one in each.ranges]
            known = seen[each.terminal].get(each.epoch, Seen())
            seen[each.terminal][each.epoch] = Seen(merged((*known.ranges, *ranges)))
            before[each.terminal].learn(
                {*each.refused_keys, *each.conflict_keys},
                set(each.released_keys),
                {each.redriven} if each.redriven else set(),
            )
        columns = dict(zip(self.events.names, self.events.values, strict=True))
        identities = zip(columns["terminal"], columns["epoch"], columns["seq"], strict=True)
        return seen, before, dict(zip(identities, columns["body"], strict=True))

    def stored(self) -> list[Arrival]:
        names = self.arrivals.names
        return [_arrival(dict(zip(names, row, strict=True))) for row in zip(*self.arrivals.values, strict=True)]


def _arrival(row: dict[str, Any]) -> Arrival:
    times = [EPOCH + timedelta(microseconds=time) for time in row.pop("last_times")]
    ranges = tuple(map(SeqRange, row.pop("first_seqs"), row.pop("last_seqs"), times))
    instants = {name: EPOCH + timedelta(microseconds=row[name]) for name in ("sent_at", "received_at")}
    return Arrival(**(row | instants), ranges=ranges)


@given(logs_with_redrives(), st.lists(st.integers(0, 40), max_size=5))
def test_totals_add_up_and_change_once_however_the_log_is_cut(log: list[Report], places: list[int]) -> None:
    archive = Archive()
    for batch in cut(records(log), places):
        archive.write(batch)
    figures = completeness(archive.stored())
    totals = (figures.received, figures.applied, figures.duplicate, figures.quarantined)
    assert totals == plainly(log)
    assert figures.received == figures.applied + figures.duplicate + figures.quarantined


@given(logs_with_redrives())
def test_the_epochs_of_all_terminals_add_up_to_the_network(log: list[Report]) -> None:
    archive = Archive()
    archive.write(records(log))
    stored = archive.stored()
    by_terminal = [
        terminal_completeness([each for each in stored if each.terminal == terminal])
        for terminal in {each.terminal for each in stored}
    ]
    figures = [epoch.figures for one in by_terminal for epoch in one.epochs]
    whole = completeness(stored)
    for name in ("received", "applied", "duplicate", "quarantined"):
        assert sum(getattr(each, name) for each in figures) == getattr(whole, name)
    assert all(each.received == each.applied + each.duplicate + each.quarantined for each in figures)
