"""Files in the watched folder are taken exactly once, and what cannot be read is kept with the reason."""

import os
from pathlib import Path

import msgspec
import pytest
from unit.agent.kiosk import a_spool, an_intake, paid, waiting

from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.inbox import CLAIMED, REFUSED, Inbox
from kmonitor.terminal_agent.local_api import BODY_AT_MOST
from kmonitor.terminal_agent.spool import Spool
from kmonitor.terminal_agent.status import Status


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def put(folder: Path, name: str, *events: dict[str, object]) -> Path:
    """As kiosk software does: written elsewhere, renamed in."""
    written = folder.parent / f"{name}.tmp"
    written.write_bytes(msgspec.json.encode(list(events)))
    return written.rename(folder / name)


def look(folder: Path, spool: Spool) -> Status:
    status = Status(60)
    Inbox(folder, an_intake(spool), status).look()
    return status


def ids(spool: Spool) -> list[str]:
    return [each["payment_id"] for each in waiting(spool)]


def left(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_files_are_taken_in_the_order_of_their_names_and_deleted(tmp_path: Path, folder: Path) -> None:
    put(folder, "2.json", paid("c"))
    put(folder, "1.json", paid("a"), paid("b"))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["a", "b", "c"]
    assert left(folder) == []


def test_only_whole_files_by_their_name_are_looked_at(tmp_path: Path, folder: Path) -> None:
    (folder / "half.json.tmp").write_text("[")
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert spool.queued == 0
    assert left(folder) == ["half.json.tmp"]


@pytest.mark.parametrize("where", [".", CLAIMED])
def test_a_file_found_again_after_a_crash_is_taken_once(tmp_path: Path, folder: Path, where: str) -> None:
    file = put(folder, "1.json", paid("a"))
    said, changed = file.read_bytes(), file.stat().st_mtime_ns
    with a_spool(tmp_path) as spool:
        look(folder, spool)
    # The spool has it, but the disk forgot that the file was deleted, or even that it was moved.
    again = folder / where / "1.json"
    again.write_bytes(said)
    os.utime(again, ns=(changed, changed))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["a"]
    assert left(folder) == []


def test_a_file_that_was_claimed_before_a_crash_is_taken_after_it(tmp_path: Path, folder: Path) -> None:
    (folder / CLAIMED).mkdir()
    put(folder / CLAIMED, "1.json", paid("a"))
    put(folder, "0.json", paid("b"))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["a", "b"]


def test_a_name_may_be_used_again(tmp_path: Path, folder: Path) -> None:
    with a_spool(tmp_path) as spool:
        for _ in range(2):
            put(folder, "door.json", paid("a"))
            look(folder, spool)
        assert ids(spool) == ["a", "a"]


def test_an_unreadable_file_is_moved_aside_with_the_reason(tmp_path: Path, folder: Path) -> None:
    put(folder, "1.json", paid("a"), paid("b", currency="rub"))
    put(folder, "2.json", paid("c"))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["c"]
    assert left(folder) == [f"{REFUSED}/1.json", f"{REFUSED}/1.json.reason.txt"]
    assert "event 1" in (folder / REFUSED / "1.json.reason.txt").read_text()


def test_an_unreadable_file_never_replaces_an_earlier_one(tmp_path: Path, folder: Path) -> None:
    with a_spool(tmp_path) as spool:
        for text in ("first", "second"):
            (folder / "1.json").write_text(text)
            look(folder, spool)
    assert (folder / REFUSED / "1.json").read_text() == "first"
    assert (folder / REFUSED / "1.2.json").read_text() == "second"


def test_a_folder_that_looks_like_a_file_stops_nobody(tmp_path: Path, folder: Path) -> None:
    (folder / "0.json").mkdir()
    put(folder, "1.json", paid("a"))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["a"]


def test_a_file_too_large_is_refused_unread(tmp_path: Path, folder: Path) -> None:
    (folder / "1.json").write_bytes(b" " * (BODY_AT_MOST + 1))
    with a_spool(tmp_path) as spool:
        look(folder, spool)
    assert "larger" in (folder / REFUSED / "1.json.reason.txt").read_text()


def test_what_a_full_spool_cannot_take_stays_and_is_taken_later(tmp_path: Path, folder: Path) -> None:
    put(folder, "1.json", paid("a"))
    with a_spool(tmp_path, limit=10) as spool:
        assert "full" in look(folder, spool).troubles["inbox"]
    assert left(folder) == [f"{CLAIMED}/1.json"]
    with a_spool(tmp_path) as spool:
        assert look(folder, spool).troubles == {}
        assert ids(spool) == ["a"]


@pytest.mark.parametrize("where", [".", CLAIMED])
def test_what_is_found_when_the_agent_ends_is_left_for_the_next(
    tmp_path: Path, folder: Path, where: str
) -> None:
    (folder / CLAIMED).mkdir()
    put(folder / where, "1.json", paid("a"))
    with a_spool(tmp_path) as spool:
        intake = an_intake(spool)
        intake.close()
        Inbox(folder, intake, Status(60)).look()
        assert spool.queued == 0
    assert left(folder) == [f"{CLAIMED}/1.json"]
    with a_spool(tmp_path) as spool:
        look(folder, spool)
        assert ids(spool) == ["a"]
    assert left(folder) == []


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool, pytest.raises(CannotRun, match="make it"):
        Inbox(tmp_path / "nowhere", an_intake(spool), Status(60))
