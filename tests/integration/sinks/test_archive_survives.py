"""event-archive on the real engine: however often it is killed, each event is kept once and all adds up."""

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from money_log import TERMINALS, applied, logs, records
from mortal import Write, live
from redrive_log import logs_with_redrives, write_offs
from redrive_log import plainly as with_redrives

from kmonitor.clickhouse import tables as kept
from kmonitor.clickhouse.client import ClickHouse
from kmonitor.clickhouse.migrations import Statement
from kmonitor.clickhouse.patience import Patience
from kmonitor.clickhouse.queries import completeness as questions
from kmonitor.clickhouse.queries.history import TerminalEvents
from kmonitor.domain.completeness import Arrival, SeqRange, completeness, terminal_completeness
from kmonitor.domain.office.registry import Registry
from kmonitor.domain.office.write_offs import WriteOff, told_apart
from kmonitor.event_archive.reading import TOPICS, read
from kmonitor.event_archive.rows import add_write_off
from kmonitor.event_archive.sink import ArchiveSink
from kmonitor.events.codec import content_hash, encode
from kmonitor.events.log import Report
from kmonitor.kafka.quarantine import QuarantineEntry
from kmonitor.kafka.records import Record
from kmonitor.kafka.tolerance import Tolerance

deaths = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=4)
sizes = st.lists(st.integers(1, 6), max_size=12)
TABLES = ("arrivals", "events", "quarantine", "write_offs")
RANGES = ("first_seqs", "last_seqs", "last_times")


def archive(tables: ClickHouse, patience: Patience, published: list[QuarantineEntry]) -> Write:
    sink = ArchiveSink(tables, patience, lambda _: Registry(), published.extend)

    def write(batch: Sequence[Record]) -> None:
        sink.write(read(batch, {topic: Tolerance(topic) for topic in TOPICS}))

    return write


def in_log_order(log: list[Report]) -> list[tuple[int, int, Report]]:
    return [(each.partition, each.offset, said) for each, said in zip(records(log), log, strict=True)]


def plainly(log: list[Report]) -> tuple[int, int, int, set[str]]:
    """How many items were applied, came again, and belong in quarantine; identities of the conflicts."""
    first = {key: content_hash(encode(event)) for key, (_, event) in applied(log).items()}
    quarantined: set[tuple[object, ...]] = set()
    conflicts: set[str] = set()
    seen: set[tuple[str, int, int]] = set()
    duplicates = 0
    for partition, offset, said in in_log_order(log):
        for refusal in said.refused:
            place = f"#{refusal.index}" if refusal.seq is None else refusal.seq
            key = (said.terminal, said.epoch, place, refusal.detail)
            duplicates += key in quarantined
            quarantined.add(key)
        for item, event in enumerate(said.events):
            number = (said.terminal, said.epoch, event.seq)
            other = (*number, content_hash(encode(event)))
            if number not in seen:
                seen.add(number)
            elif first[number] == other[-1] or other in quarantined:
                duplicates += 1
            else:
                quarantined.add(other)
                conflicts.add(f"kmonitor.terminal-events.v1/{partition}/{offset}/{item}")
    return len(seen), duplicates, len(quarantined), conflicts


def stored_arrivals(tables: ClickHouse) -> list[Arrival]:
    rows = tables.rows(Statement("SELECT * FROM arrivals FINAL"))
    return [
        Arrival(
            **{
                name: value
                for name, value in row.items()
                if name not in ("first_seqs", "last_seqs", "last_times")
            },
            ranges=tuple(map(SeqRange, row["first_seqs"], row["last_seqs"], row["last_times"])),
        )
        for row in rows
    ]


# Not shrunk: each example is a whole life on a real engine.
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(logs(), deaths, sizes)
def test_all_is_kept_once_however_it_is_killed_and_the_log_is_cut(
    tables: ClickHouse, log: list[Report], deaths: list[tuple[int, bool]], sizes: list[int]
) -> None:
    for table in TABLES:
        tables.run(Statement(f"TRUNCATE TABLE {table}"))
    published: list[QuarantineEntry] = []
    live(records(log), lambda patience: archive(tables, patience, published), iter(deaths), iter(sizes))

    kept = {
        (row["terminal"], row["epoch"], row["seq"]): row["body"]
        for terminal in TERMINALS
        for row in tables.rows(TerminalEvents(terminal=terminal))
    }
    assert kept == {key: encode(event) for key, (_, event) in applied(log).items()}

    (figures,) = tables.rows(questions.Completeness())
    first, duplicates, quarantined, conflicts = plainly(log)
    assert (figures["applied"], figures["duplicate"], figures["quarantined"]) == (
        first,
        duplicates,
        quarantined,
    )
    assert figures["received"] == first + duplicates + quarantined
    assert {entry.identity for entry in published} == conflicts

    assert_as_the_reference(tables, [])


def assert_as_the_reference(tables: ClickHouse, offs: list[WriteOff]) -> None:
    """What the questions answer is what the domain says of the very same rows."""
    stored = stored_arrivals(tables)
    (figures,) = tables.rows(questions.Completeness())
    pure = completeness(stored, offs)
    assert figures["complete_to"] == pure.complete_to
    assert (figures["catching_up"], figures["received"]) == (pure.catching_up, pure.received)
    assert (figures["applied"], figures["quarantined"]) == (pure.applied, pure.quarantined)
    assert figures["duplicate"] == pure.duplicate
    missing = [tuple(row.values()) for row in tables.rows(questions.Missing())]
    assert missing == [(gap.terminal, gap.epoch, gap.from_seq, gap.to_seq) for gap in pure.missing]
    assert figures["missing"] == sum(gap.to_seq - gap.from_seq + 1 for gap in pure.missing)
    for terminal in TERMINALS:
        own = [each for each in stored if each.terminal == terminal]
        assert_terminal_as_the_reference(
            tables, terminal, own, [off for off in offs if off.terminal == terminal]
        )


def assert_terminal_as_the_reference(
    tables: ClickHouse, terminal: str, own: list[Arrival], offs: list[WriteOff]
) -> None:
    pure = terminal_completeness(own, offs)
    shown = tables.rows(questions.TerminalCompleteness(terminal))
    assert shown == (
        []
        if not own
        else [{"complete_to": pure.complete_to, "catching_up": pure.catching_up, "queued": pure.queued}]
    )
    rows = {row["epoch"]: row for row in tables.rows(questions.TerminalEpochs(terminal))}
    assert rows.keys() == {each.epoch for each in own}
    for epoch in pure.epochs:
        row = rows.get(epoch.epoch, {"gaps": [], "last_seq": 0})
        for name in ("received", "applied", "duplicate", "quarantined"):
            assert row.get(name, 0) == getattr(epoch.figures, name)
        told = told_apart(row["last_seq"], row["gaps"], [off for off in offs if off.epoch == epoch.epoch])
        assert (row["last_seq"], *told) == (epoch.last_seq, epoch.missing, epoch.written_off)
    assert [WriteOff(**row) for row in tables.rows(questions.WriteOffs(terminal))] == offs


# Not shrunk: each example is a whole life on a real engine.
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(logs_with_redrives(), deaths, sizes, write_offs)
def test_what_is_re_driven_moves_once_however_it_is_killed_and_the_log_is_cut(
    tables: ClickHouse,
    log: list[Report],
    deaths: list[tuple[int, bool]],
    sizes: list[int],
    offs: list[WriteOff],
) -> None:
    for table in TABLES:
        tables.run(Statement(f"TRUNCATE TABLE {table}"))
    published: list[QuarantineEntry] = []
    live(records(log), lambda patience: archive(tables, patience, published), iter(deaths), iter(sizes))
    written = kept.write_offs()
    for off in [*offs, *offs]:
        add_write_off(written, off)
    tables.insert(written)

    (figures,) = tables.rows(questions.Completeness())
    totals = tuple(figures[name] for name in ("received", "applied", "duplicate", "quarantined"))
    assert totals == with_redrives(log)
    assert {entry.reason for entry in published} <= {"identity_conflict"}
    assert_as_the_reference(tables, offs)
