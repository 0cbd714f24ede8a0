"""What waits on the kiosk: numbered, on the disk, and given up only when the gateway has answered for it."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from kmonitor.terminal_agent.database import open_database
from kmonitor.terminal_agent.epochs import new_epoch
from kmonitor.terminal_agent.errors import CannotRun, KeyReused, SpoolFull
from kmonitor.terminal_agent.handover import Ready
from kmonitor.terminal_agent.room import Room, kept, room

FILE = "spool.db"
KEYS_REMEMBERED = 10_000
REJECTED_REMEMBERED = 1_000


class Event(NamedTuple):
    """One event as it is sent, every time with the same bytes."""

    seq: int
    raw: bytes


class Batch(Struct, frozen=True):
    """Events of one report, and how many more wait behind them."""

    epoch: int
    events: list[Event]
    queued: int


class HandOver(Struct, frozen=True):
    """What makes a hand-over itself, however often it is tried: its key, and a digest of what it says."""

    key: str
    digest: bytes


class Taken(Struct, frozen=True):
    """The numbers that the events got; null is one left out, because a nearly full spool can do without it."""

    epoch: int
    seqs: list[int | None]


class Refusal(Struct, frozen=True):
    """An event that the gateway will never take."""

    seq: int
    reason: str
    detail: str


class Counts(Struct, frozen=True):
    """`rejected` are in the gateway's quarantine, `set_aside` only here; `left_out` were never stored."""

    seq: int
    queued: int
    used_bytes: int
    limit_bytes: int
    left_out: int
    rejected: int
    set_aside: int


class Spool:
    """A folder's spool, for any thread. Every change is one transaction, on the disk when it returns."""

    def __init__(self, folder: Path, terminal: str, limit_bytes: int, now: float) -> None:
        """`now` in seconds since 1970. Raises CannotRun."""
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._db = open_database(folder / FILE)
        try:
            self.epoch = self._enter(folder, terminal, now)
        except BaseException:
            self._db.close()
            raise

    def _enter(self, folder: Path, terminal: str, now: float) -> int:
        place = self._db.execute("SELECT terminal, epoch FROM place").fetchone()
        if place is None:
            epoch = new_epoch(folder, now)
            with self._transaction():
                self._db.execute("INSERT INTO place VALUES (?, ?, 0, 0, 0)", (terminal, epoch))
            return epoch
        if place[0] != terminal:
            raise CannotRun(
                f"{folder / FILE} holds events of {place[0]}, not of {terminal}: a copied disk? Give {terminal}"
                " a folder of its own."
            )
        return int(place[1])

    @property
    def queued(self) -> int:
        """Events that nobody answered yet."""
        with self._lock:
            return self._waiting()

    def take(self, events: Sequence[Ready], hand_over: HandOver | None = None) -> Taken:
        """Number and keep them, all or none. The same hand-over again is answered the same and keeps nothing.

        Raises SpoolFull, and KeyReused for an earlier one's key with other content.
        """
        with self._transaction():
            if hand_over is not None and (known := self._known(hand_over)) is not None:
                return known
            chosen = self._chosen(events)
            [last] = self._db.execute("SELECT seq FROM place").fetchone()
            taken = Taken(self.epoch, _numbers(last, chosen))
            rows = [(seq, each.numbered(seq)) for seq, each in zip(taken.seqs, events, strict=True) if seq]
            self._db.executemany("INSERT INTO events VALUES (?, ?)", rows)
            left_out = len(events) - len(rows)
            self._db.execute(
                "UPDATE place SET seq = seq + ?1, queued = queued + ?1, left_out = left_out + ?2",
                (len(rows), left_out),
            )
            if hand_over is not None:
                self._remember(hand_over, taken)
            return taken

    def oldest(self, events_at_most: int, bytes_at_most: int) -> Batch:
        """The next events to send; one alone may be larger than `bytes_at_most`."""
        with self._lock:
            rows = self._db.execute("SELECT seq, raw FROM events ORDER BY seq LIMIT ?", (events_at_most,))
            events = cut((Event(*row) for row in rows), bytes_at_most)
            return Batch(self.epoch, events, self._waiting() - len(events))

    def forget(self, batch: Batch, rejected: Sequence[Refusal]) -> None:
        """The gateway has answered for all of the batch."""
        with self._transaction():
            self._delete(batch.events)
            for refusal in rejected:
                self._refuse(refusal, None)
            if rejected:
                self._db.execute(
                    "DELETE FROM refused WHERE raw IS NULL AND seq NOT IN"
                    " (SELECT seq FROM refused WHERE raw IS NULL ORDER BY seq DESC LIMIT ?)",
                    (REJECTED_REMEMBERED,),
                )

    def set_aside(self, event: Event, reason: str, detail: str) -> None:
        """The gateway cannot read a report because of this event: keep it, let the others pass."""
        with self._transaction():
            self._refuse(Refusal(event.seq, reason, detail), event.raw)
            self._delete([event])

    def reconsider(self) -> int:
        """What was set aside waits again, in its old place: the gateway may have learned to read it."""
        with self._transaction():
            self._db.execute("INSERT INTO events SELECT seq, raw FROM refused WHERE raw IS NOT NULL")
            moved = self._db.execute("DELETE FROM refused WHERE raw IS NOT NULL").rowcount
            self._db.execute("UPDATE place SET queued = queued + ?", (moved,))
            return moved

    def counts(self) -> Counts:
        with self._lock:
            [seq, queued, left_out] = self._db.execute("SELECT seq, queued, left_out FROM place").fetchone()
            [refused, set_aside] = self._db.execute("SELECT count(*), count(raw) FROM refused").fetchone()
            used = self._used()
        return Counts(seq, queued, used, self._limit, left_out, refused - set_aside, set_aside)

    def close(self) -> None:
        self._db.close()

    def _known(self, hand_over: HandOver) -> Taken | None:
        found = self._db.execute(
            "SELECT digest, answer FROM hand_overs WHERE key = ?", (hand_over.key,)
        ).fetchone()
        if found is None:
            return None
        if found[0] != hand_over.digest:
            raise KeyReused
        return msgspec.json.decode(found[1], type=Taken)

    def _remember(self, hand_over: HandOver, taken: Taken) -> None:
        self._db.execute(
            "INSERT INTO hand_overs (key, digest, answer) VALUES (?, ?, ?)",
            (hand_over.key, hand_over.digest, msgspec.json.encode(taken)),
        )
        self._db.execute(
            "DELETE FROM hand_overs WHERE number <= (SELECT max(number) FROM hand_overs) - ?",
            (KEYS_REMEMBERED,),
        )

    def _chosen(self, events: Sequence[Ready]) -> list[bool]:
        found = room(self._used() + sum(len(each.rest) for each in events), self._limit)
        if found is Room.NONE:
            raise SpoolFull(f"the spool is full ({self._limit // 2**20} MiB)")
        return kept([each.type for each in events], found)

    def _waiting(self) -> int:
        return int(self._db.execute("SELECT queued FROM place").fetchone()[0])

    def _delete(self, events: Sequence[Event]) -> None:
        self._db.executemany("DELETE FROM events WHERE seq = ?", [(each.seq,) for each in events])
        self._db.execute("UPDATE place SET queued = queued - ?", (len(events),))

    def _refuse(self, refusal: Refusal, raw: bytes | None) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)",
            (refusal.seq, refusal.reason, refusal.detail, at, raw),
        )

    def _used(self) -> int:
        """Bytes in use; pages that were freed are used again before the file grows."""
        [pages, free, size] = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._db.rollback()
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise SpoolFull("the disk is full") from error
                raise
            except BaseException:
                self._db.rollback()
                raise


def cut(events: Iterator[Event], bytes_at_most: int) -> list[Event]:
    """As many from the beginning as fit, at least one."""
    chosen: list[Event] = []
    size = 0
    for event in events:
        size += len(event.raw) + 1
        if chosen and size > bytes_at_most:
            break
        chosen.append(event)
    return chosen


def _numbers(last: int, chosen: Sequence[bool]) -> list[int | None]:
    """Growing by one without a gap over what is stored."""
    numbers: list[int | None] = []
    for is_stored in chosen:
        last += is_stored
        numbers.append(last if is_stored else None)
    return numbers
