"""A park against a gateway's twin: everything arrives, in every weather, and the ledger knows it."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from unit.simulator.parks import run_park
from unit.simulator.twin import Twin, a_gateway

from kmonitor.fleet_simulator import truth
from kmonitor.fleet_simulator.errors import CannotRun
from kmonitor.fleet_simulator.ledger import remember


def said_in(folder: Path) -> dict[tuple[str, int, int], dict[str, object]]:
    """The events of the ledger by identity."""
    found = {}
    for line in map(json.loads, (folder / "ledger.jsonl").read_bytes().splitlines()):
        if line["line"] == "said":
            found[line["terminal"], line["epoch"], line["event"]["seq"]] = line["event"]
    return found


async def live_until(twin: Twin, folder: Path, type_: str) -> None:
    """A live park, a thousand times as fast, stopped when the twin has an event of this type."""
    park = asyncio.create_task(run_park(twin, folder, hours=0.0, flat_out=False, speed=1000.0, repeat=0.0))
    await twin.has_taken(type_)
    park.cancel()
    with pytest.raises(asyncio.CancelledError):
        await park


async def test_everything_said_is_taken_and_in_the_ledger(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        # A whole day: whatever time it is now, it holds the same hours.
        counts = await run_park(twin, tmp_path, hours=24.0, terminals=2)
        assert twin.events == said_in(tmp_path)
        assert counts.events == len(twin.events) > 100
        assert counts.waiting == 0


async def test_nothing_is_lost_by_refusals_and_broken_connections(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        twin.troubles = ["503", "drop", "lose"] * 10
        counts = await run_park(twin, tmp_path)
        assert twin.events == said_in(tmp_path)
        assert counts.not_now == 10
        assert counts.no_answer == 20


async def test_some_reports_come_twice_with_the_same_events(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        counts = await run_park(twin, tmp_path)
        assert counts.copies > 0
        assert len(twin.reports) == counts.reports + counts.copies
        for report in twin.reports:
            for event in report["events"]:
                assert twin.events[report["terminal"], report["epoch"], event["seq"]] == event


async def test_sequence_numbers_of_an_epoch_have_no_gap(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path)
        told = truth.read(tmp_path)["sent"]
        assert [(first, len(told)) for _, _, first, _ in told] == [(1, 5)] * 5


async def test_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path)
        operations, first = len(twin.operations), twin.events
        twin.reports.clear()
        await live_until(twin, tmp_path, "terminal.started.v1")
        assert len(twin.operations) == operations
        assert first.keys().isdisjoint(twin.events)
        assert first | twin.events == said_in(tmp_path)
        assert len(truth.read(tmp_path)["sent"]) == 5


async def test_what_a_killed_run_left_unanswered_is_sent_by_the_next(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path)
        ledger = tmp_path / "ledger.jsonl"
        # As a kill leaves it: the last answers are not in it, and its last line is torn.
        lines = [line for line in ledger.read_bytes().splitlines(keepends=True) if b'"taken"' not in line]
        ledger.write_bytes(b"".join(lines) + lines[-1][:20])
        twin.reports.clear()
        await run_park(twin, tmp_path)
        assert twin.events == said_in(tmp_path)


async def test_a_history_starts_only_once(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path)
        await run_park(twin, tmp_path)
        payments = [
            (name, event["payment_id"])
            for (name, _, _), event in twin.events.items()
            if event["type"] == "payment.accepted.v1"
        ]
        assert len(set(payments)) == len(payments)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_bodies_may_be_compressed(tmp_path: Path, encoding: str) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path, encoding=encoding)
        assert twin.encodings == {encoding}
        assert twin.events == said_in(tmp_path)


async def test_a_body_too_large_is_cut(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        twin.largest_batch = 3
        await run_park(twin, tmp_path, repeat=0.0)
        assert twin.events == said_in(tmp_path)


async def test_a_live_park_reports_and_drains_when_it_is_stopped(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await live_until(twin, tmp_path, "payment.completed.v1")
        assert twin.events == said_in(tmp_path)
        assert truth.read(tmp_path)["unanswered"] == []


async def test_another_seed_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path)
        with pytest.raises(CannotRun, match="--seed 1"):
            await run_park(twin, tmp_path, seed=2)


async def test_a_wrong_token_is_said_in_one_sentence(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        with pytest.RaisesGroup(*[pytest.RaisesExc(CannotRun, match="--token")] * 5):
            await run_park(twin, tmp_path, token="another")


async def test_a_clock_that_is_ahead_does_not_keep_the_next_run_waiting(tmp_path: Path) -> None:
    async with a_gateway() as twin:
        await run_park(twin, tmp_path, terminals=40)
        assert remember(tmp_path).last_at <= time.time()
