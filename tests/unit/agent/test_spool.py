"""The spool numbers what it keeps, and gives up only what was answered."""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import EPOCH, TERMINAL
from unit.agent.kiosk import MIB, a_spool, keyed, paid, ready, waiting

from kmonitor.terminal_agent import database
from kmonitor.terminal_agent.epochs import FILE as EPOCH_FILE
from kmonitor.terminal_agent.epochs import new_epoch
from kmonitor.terminal_agent.errors import CannotRun, KeyReused, SpoolFull
from kmonitor.terminal_agent.spool import FILE, Event, Refusal, Spool, cut

LEFT = {"type": "session.ended.v1", "outcome": "abandoned"}


def test_numbers_begin_at_one_and_grow_by_one_over_restarts(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        epoch = spool.epoch
        assert spool.take(ready(paid("a"), paid("b"))).seqs == [1, 2]
    with a_spool(tmp_path) as spool:
        assert spool.epoch == epoch
        assert spool.take(ready(paid("c"))).seqs == [3]
        assert [(each["seq"], each["payment_id"]) for each in waiting(spool)] == [(1, "a"), (2, "b"), (3, "c")]


def test_numbers_go_on_when_all_was_sent(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a")))
        spool.forget(spool.oldest(10, MIB), [])
        assert spool.queued == 0
    with a_spool(tmp_path) as spool:
        assert spool.take(ready(paid("b"))).seqs == [2]


def test_the_same_hand_over_again_is_answered_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        first = spool.take(ready(paid("a")), keyed("k"))
        spool.take(ready(paid("b")))
    with a_spool(tmp_path) as spool:
        assert spool.take(ready(paid("a")), keyed("k")) == first
        spool.forget(spool.oldest(10, MIB), [])
        assert spool.take(ready(paid("a")), keyed("k")) == first
        assert spool.queued == 0


def test_a_key_with_other_content_is_refused(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a")), keyed("k", b"a"))
        with pytest.raises(KeyReused):
            spool.take(ready(paid("b")), keyed("k", b"b"))
        assert spool.queued == 1


def test_old_keys_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmonitor.terminal_agent.spool.KEYS_REMEMBERED", 3)
    with a_spool(tmp_path) as spool:
        for number in range(5):
            spool.take(ready(paid("a")), keyed(str(number)))
        assert spool.take(ready(paid("a")), keyed("2")).seqs == [3]
        assert spool.take(ready(paid("a")), keyed("1")).seqs == [6]


def test_a_batch_is_the_oldest_by_number_and_by_bytes(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(*[paid(str(number)) for number in range(5)]))
        batch = spool.oldest(3, MIB)
        assert [each.seq for each in batch.events] == [1, 2, 3]
        assert batch.queued == 2
        assert [each.seq for each in spool.oldest(5, len(batch.events[0].raw) * 2 + 2).events] == [1, 2]


def test_one_event_goes_even_if_it_is_too_large() -> None:
    events = [Event(1, b"x" * 100), Event(2, b"y")]
    assert cut(iter(events), 50) == events[:1]


def test_a_rejected_event_is_answered_and_its_reason_kept(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a"), {"type": "iris.scanned.v2"}))
        spool.forget(spool.oldest(10, MIB), [Refusal(2, "unknown_type", "")])
        assert (spool.queued, spool.counts().rejected, spool.counts().set_aside) == (0, 1, 0)


def test_the_log_of_rejected_ones_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kmonitor.terminal_agent.spool.REJECTED_REMEMBERED", 3)
    with a_spool(tmp_path) as spool:
        spool.take(ready(*[paid(str(number)) for number in range(6)]))
        spool.set_aside(spool.oldest(1, MIB).events[0], "400", "")
        batch = spool.oldest(10, MIB)
        spool.forget(batch, [Refusal(each.seq, "invalid_field", "") for each in batch.events])
        assert (spool.counts().rejected, spool.counts().set_aside) == (3, 1)


def test_what_was_set_aside_is_kept_and_waits_again_in_its_old_place(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a"), paid("b")))
        before = waiting(spool)
        spool.set_aside(spool.oldest(1, MIB).events[0], "400", "why")
        assert [each["payment_id"] for each in waiting(spool)] == ["b"]
    with a_spool(tmp_path) as spool:
        assert spool.counts().set_aside == 1
        assert spool.reconsider() == 1
        assert waiting(spool) == before
        assert (spool.queued, spool.counts().set_aside) == (2, 0)


def test_a_nearly_full_spool_leaves_out_what_it_can_do_without_and_says_so(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        limit = int(spool.counts().used_bytes / 0.95)
    with a_spool(tmp_path, limit=limit) as spool:
        taken = spool.take(ready({"type": "terminal.heartbeat.v1"}, paid("a"), LEFT))
        assert taken.seqs == [None, 1, None]
        assert spool.counts().left_out == 2
        assert [each["seq"] for each in waiting(spool)] == [1]


def test_a_full_spool_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with a_spool(tmp_path, limit=100_000) as spool:
        taken: list[int | None] = []
        with pytest.raises(SpoolFull):
            while len(taken) < 10_000:
                taken += spool.take(ready(paid("a"))).seqs
        # A page of each table may come on top.
        assert 90_000 < spool.counts().used_bytes < 120_000
        assert [each["seq"] for each in waiting(spool)] == taken
        with pytest.raises(SpoolFull):
            spool.take(ready(paid("b")), keyed("k"))
        while spool.queued:
            spool.forget(spool.oldest(10, MIB), [])
        assert spool.take(ready(paid("b")), keyed("k")).seqs == [len(taken) + 1]


def test_a_full_disk_is_a_full_spool(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a")))
        spool._db.execute("PRAGMA max_page_count=1")
        with pytest.raises(SpoolFull, match="disk"):
            for _ in range(200):
                spool.take(ready(*[paid("b")] * 100))
        numbers = [each["seq"] for each in waiting(spool)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_spool_belongs_to_one_terminal(tmp_path: Path) -> None:
    with a_spool(tmp_path):
        pass
    with pytest.raises(CannotRun, match=f"holds events of {TERMINAL}, not of B"):
        a_spool(tmp_path, terminal="B")


def test_two_agents_cannot_share_a_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OTHER_AGENT_S", 0.1)
    with a_spool(tmp_path), pytest.raises(CannotRun, match="another agent"):
        a_spool(tmp_path)


def test_a_damaged_spool_is_left_to_a_person(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all " * 100)
    with pytest.raises(CannotRun, match="damaged"):
        a_spool(tmp_path)
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


def test_it_waits_for_the_disk_at_every_commit(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        asked = {
            name: spool._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2}


def test_a_new_spool_has_an_epoch_greater_than_any_before(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        first = spool.epoch
        spool.take(ready(paid("a")))
    assert abs(first - time.time()) < 60
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    with a_spool(tmp_path) as spool:
        assert spool.epoch > first
        assert spool.take(ready(paid("a"))).seqs == [1]


def test_an_epoch_grows_even_if_the_clock_went_back(tmp_path: Path) -> None:
    assert new_epoch(tmp_path, EPOCH + 100.5) == EPOCH + 100
    assert new_epoch(tmp_path, EPOCH) == EPOCH + 101
    assert (tmp_path / EPOCH_FILE).read_text() == f"{EPOCH + 101}\n"


def test_no_epoch_is_made_while_the_clock_is_in_the_past(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="The clock says 1970-01-01"):
        Spool(tmp_path, TERMINAL, MIB, 60.0)
    with a_spool(tmp_path):
        pass
    # The number is all that the true time was needed for.
    Spool(tmp_path, TERMINAL, MIB, 60.0).close()


def test_the_reason_of_a_refusal_stays_readable(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        spool.take(ready(paid("a")))
        spool.set_aside(spool.oldest(1, MIB).events[0], "413", "too large")
    db = sqlite3.connect(tmp_path / FILE)
    [row] = db.execute("SELECT seq, reason, detail, refused_at, raw FROM refused").fetchall()
    db.close()
    assert row[:3] == (1, "413", "too large")
    assert datetime.fromisoformat(row[3]) <= datetime.now(UTC)
    assert b'"payment_id":"a"' in row[4]
