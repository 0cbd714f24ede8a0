"""The same again, or a contradiction? Asked only of items whose number had come before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.seen import CHUNK, KeysBefore, StoredBodies
from kmonitor.event_archive.accounting import Before, account
from kmonitor.event_archive.judging import Identity, Judged, conflict_key, is_same
from kmonitor.event_archive.memory import Recent


class Comparing:
    """Tells duplicates from conflicts, by what stands before in the log. Raises Stopped."""

    def __init__(self, clickhouse: ClickHouse, patience: Patience) -> None:
        self._clickhouse = clickhouse
        self._patience = patience

    def settle(self, reports: Sequence[Judged], recent: Recent, starts: dict[int, int]) -> None:
        """Fill in what these reports, given in the order of the log, add to the counts."""
        self._compare(reports, recent)
        suspects = [each for each in reports if each.conflicts or _may_settle(each)]
        before = self._before(suspects, starts)
        for each in suspects:
            account(each, before[each.heard.report.terminal])

    def _compare(self, reports: Sequence[Judged], recent: Recent) -> None:
        doubtful: list[tuple[Judged, Identity, int]] = []
        for each in reports:
            for identity, item in each.compare:
                if recent.holds(identity, bytes(each.heard.raw.events[item])):
                    each.duplicates += 1
                else:
                    doubtful.append((each, identity, item))
        if not doubtful:
            return
        firsts = self._firsts({identity for _, identity, _ in doubtful}, reports)
        for each, identity, item in doubtful:
            raw = bytes(each.heard.raw.events[item])
            if is_same(raw, firsts[identity]):
                each.duplicates += 1
            else:
                each.conflicts.append((item, conflict_key(identity, raw)))

    def _firsts(self, wanted: set[Identity], reports: Iterable[Judged]) -> dict[Identity, bytes]:
        """The bytes that came first under each identity: in this batch, or in the table."""
        firsts: dict[Identity, bytes] = {}
        for each in reports:
            report = each.heard.report
            for item in each.applied:
                identity = (report.terminal, report.epoch, report.events[item].seq)
                if identity in wanted:
                    firsts[identity] = bytes(each.heard.raw.events[item])
        stored = sorted(wanted - firsts.keys())
        for start in range(0, len(stored), CHUNK):
            query = StoredBodies(stored[start : start + CHUNK])
            for row in self._patience(partial(self._clickhouse.rows, query)):
                firsts[row["terminal"], row["epoch"], row["seq"]] = row["body"]
        return firsts

    def _before(self, suspects: Sequence[Judged], starts: dict[int, int]) -> defaultdict[str, Before]:
        """What was quarantined and re-driven before this batch, by terminal."""
        terminals: defaultdict[int, set[str]] = defaultdict(set)
        for each in suspects:
            terminals[each.heard.partition].add(each.heard.report.terminal)
        known: defaultdict[str, Before] = defaultdict(Before)
        for partition, names in terminals.items():
            ordered = sorted(names)
            for start in range(0, len(ordered), CHUNK):
                query = KeysBefore(partition, starts[partition], ordered[start : start + CHUNK])
                for row in self._patience(partial(self._clickhouse.rows, query)):
                    known[row["terminal"]].learn(*map(set, (row["keys"], row["released"], row["redriven"])))
        return known


def _may_settle(judged: Judged) -> bool:
    """Whether the report speaks of the quarantine."""
    return bool(judged.heard.report.refused) or judged.heard.report.is_redrive
