"""The log into revenue: facts, what they add, and the totals of every hour they touch."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from kmonitor.clickhouse.client import ClickHouse, Columns
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries.bookings import KEYS_AT_ONCE, FactsOf, RewriteBuckets
from kmonitor.clickhouse.queries.seen import CHUNK
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.revenue import Booking, Fact
from kmonitor.events.log import Tick
from kmonitor.revenue_rollup.counting import COUNTING, Place, facts_of, rebook, without_known
from kmonitor.revenue_rollup.progress import Partition, Progress
from kmonitor.revenue_rollup.reading import Entry, Stretch
from kmonitor.revenue_rollup.rows import booking_rows, fact_of_row, fact_rows, payment_key, progress_rows

MANY_TERMINALS = 200
"""From so many touched in one hour on, reading the whole hour is cheaper than naming them."""
HOURS_AT_ONCE = 2_000

RegistryAsOf = Callable[[int], Registry]
"""The registry, once it holds the operation with this number. Raises Stopped."""


class RevenueSink:
    """Writes stretches of the log. Raises Stopped when a stop is asked for while it waits."""

    def __init__(self, clickhouse: ClickHouse, patience: Patience, registry: RegistryAsOf) -> None:
        self._clickhouse = clickhouse
        self._patience = patience
        self._registry = registry
        self._progress = Progress(clickhouse, patience)

    def write(self, stretch: Stretch) -> None:
        """All that the stretch says of money is in the tables when this returns; then it may be committed.

        Any step may be repeated, and the log cut anywhere: facts and bookings replace themselves, totals
        are written as what they are and never as what came to them.
        """
        partitions = {number: self._progress.at(number, start) for number, start in stretch.starts.items()}
        new = self._count(stretch.entries, partitions)
        changing = [fact for fact in new if fact.kind in COUNTING]
        known = self._known(changing)
        # 1. The facts. A crash after this finds them again as known.
        self._insert(fact_rows(without_known(new, known)))
        # 2. What each touched payment adds, from all of its facts: those of a killed attempt included.
        bookings = rebook([*known, *without_known(changing, known)])
        self._insert(booking_rows(bookings, {number: end - 1 for number, end in stretch.ends.items()}))
        # 3. The touched buckets, as the sums of their bookings.
        for query in rewrites(bookings, stretch.starts):
            self._patience(partial(self._clickhouse.run, query))
        # 4. Remember that these events were counted, now that all they caused is there.
        self._remember(stretch, partitions)

    def _count(self, entries: Sequence[Entry], partitions: dict[int, Partition]) -> list[Fact]:
        """The facts that come for the first time."""
        for number, partition in partitions.items():
            said = (each.said for each in entries if each.partition == number)
            self._progress.learn(partition, [each.terminal for each in said if not isinstance(each, Tick)])
        new: list[Fact] = []
        for entry in entries:
            partition = partitions[entry.partition]
            partition.operations_up_to = max(partition.operations_up_to, entry.said.operations_up_to)
            if not isinstance(entry.said, Tick):
                place = Place(entry.partition, entry.offset, partition.operations_up_to)
                registry = self._registry(partition.operations_up_to)
                new += facts_of(entry.said, place, partition.counted[entry.said.terminal], registry)
        return new

    def _known(self, changing: Sequence[Fact]) -> list[Fact]:
        """The facts already stored of the payments that change."""
        payments = {payment_key(each.terminal, each.payment_id): each.terminal for each in changing}
        names = {(each.terminal, each.payment_id) for each in changing}
        known: list[Fact] = []
        remaining = iter(payments.items())
        while chunk := dict(islice(remaining, KEYS_AT_ONCE)):
            query = FactsOf(list(chunk), list(set(chunk.values())))
            rows = self._patience(partial(self._clickhouse.rows, query))
            known += [fact_of_row(row) for row in rows if (row["terminal"], row["payment_id"]) in names]
        return known

    def _remember(self, stretch: Stretch, partitions: dict[int, Partition]) -> None:
        touched = {
            (entry.partition, entry.said.terminal)
            for entry in stretch.entries
            if not isinstance(entry.said, Tick)
        }
        rows = [
            (terminal, number, partitions[number].operations_up_to, partitions[number].counted[terminal])
            for number, terminal in touched
        ]
        self._insert(progress_rows(rows))
        for number, end in stretch.ends.items():
            partitions[number].next_offset = end

    def _insert(self, rows: Columns) -> None:
        self._patience(partial(self._clickhouse.insert, rows))


def rewrites(bookings: Sequence[Booking], since: dict[int, int]) -> Iterator[RewriteBuckets]:
    """What writes the touched buckets anew: busy hours whole, quiet ones by terminal."""
    terminals: defaultdict[datetime, set[str]] = defaultdict(set)
    for booking in bookings:
        terminals[booking.hour].add(booking.terminal)
    busy = [hour for hour, touched in terminals.items() if len(touched) > MANY_TERMINALS]
    if busy:
        yield RewriteBuckets(busy, since)
    quiet = sorted(terminals.keys() - set(busy))
    hours: list[datetime] = []
    names: set[str] = set()
    for hour in quiet:
        if hours and (len(hours) >= HOURS_AT_ONCE or len(names | terminals[hour]) > CHUNK):
            yield RewriteBuckets(hours, since, sorted(names))
            hours, names = [], set()
        hours.append(hour)
        names |= terminals[hour]
    if hours:
        yield RewriteBuckets(hours, since, sorted(names))
