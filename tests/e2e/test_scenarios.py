"""A park with every trouble at once: what the readers' API says is what the simulator's truth expects."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from kmonitor.local.stack import Stack

SECONDS = 42
# A minute of the kiosks' own time is a second: they strike 10 s into the live part and last 18 s.
WHEN = "after=10m,lasts=18m"
SCENARIOS = (
    f"paper_out:terminals=2,{WHEN}",
    f"jam:terminals=2,{WHEN}",
    f"stacker_full:terminals=2,{WHEN}",
    f"power_outage:region=Самарская область,{WHEN}",
    f"operator_down:operator=T2,{WHEN}",
    f"gateway_down:{WHEN}",
    f"rejecting_firmware:{WHEN}",
    f"reinstalled:{WHEN}",
    "restored_spool:after=10m,lasts=2m",
    "backlog:after=-5m,lasts=20m",
    "wrong_clock:terminals=4,after=10m,lasts=1d",
)
LATE = timedelta(seconds=5)
"""A loaded machine may be slower than the truth allows, and a poll sees a status a moment later."""


@dataclass
class Run:
    """What the simulator knows, and what the API said of its terminals while it ran and at the end."""

    truth: dict[str, Any]
    statuses: dict[str, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    conflicts: set[tuple[str, int, int]] = field(default_factory=set)
    missing: list[dict[str, Any]] = field(default_factory=list)

    def expected(self, what: str) -> list[dict[str, Any]]:
        found = [each for each in self.truth["expected"] if each["what"] == what]
        assert found, f"no {what} was expected at all"
        return found


@pytest.fixture(scope="module")
def run(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of a small park, watched until everything that it said is answered for."""
    described = stack.describe()
    folder = tmp_path_factory.mktemp("scenarios")
    words = {
        "--gateway": described["gateway"], "--data": folder, "--terminals": 60, "--hours": 0.1, "--speed": 60,
        "--report-interval": 2, "--seconds": SECONDS, "--seed": 11,
    }  # fmt: skip
    command = [sys.executable, "-m", "kmonitor.fleet_simulator.main", "--calm"]
    command += [str(word) for pair in words.items() for word in pair]
    command += [word for scenario in SCENARIOS for word in ("--scenario", scenario)]
    environment = os.environ | {"KMONITOR_ADMIN_TOKEN": described["admin_token"]}
    found = Run({})
    headers = {"Authorization": f"Bearer {described['admin_token']}"}
    with httpx.Client(base_url=described["query_api"], headers=headers, timeout=10) as api:
        park = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            while park.poll() is None:
                look(api, found)
                time.sleep(0.25)
        finally:
            park.kill()
            park.wait()
        assert park.returncode == 0
        found.truth = json.loads((folder / "truth.json").read_text())
        look_back(api, found)
    return found


def look(api: httpx.Client, found: Run) -> None:
    """The statuses of now."""
    now = datetime.now(UTC)
    for item in api.get("/v1/terminals", params={"limit": 1000}).raise_for_status().json()["items"]:
        found.statuses[item["terminal"]].append((now, item["status"]))


def look_back(api: httpx.Client, found: Run) -> None:
    """What is kept: asked again until the archive has all of the run's conflicts."""
    names = {name for name, _, _, _ in found.truth["sent"]}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and len(found.conflicts) < len(found.truth["conflicts"]):
        items = api.get("/v1/quarantine", params={"limit": 1000, "reason": "identity_conflict"}).json()["items"]
        conflicts = {(each["terminal"], each["epoch"], each["seq"]) for each in items}
        found.conflicts = {each for each in conflicts if each[0] in names}
        time.sleep(0.5)
    for name in names:
        found.details[name] = api.get(f"/v1/terminals/{name}").raise_for_status().json()
        listed = api.get("/v1/faults", params={"status": "all", "terminal": name, "limit": 1000})
        found.faults += listed.raise_for_status().json()["items"]
    shown = api.get("/v1/completeness", params={"limit": 1000}).json()["missing"]
    found.missing = [each for each in shown if each["terminal"] in names]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_scenario_was_played(run: Run) -> None:
    played = {each["scenario"] for each in run.truth["expected"]}
    assert played == {scenario.partition(":")[0] for scenario in SCENARIOS}


def test_a_fault_of_a_unit_is_raised_in_its_window_and_cleared_with_its_cure(run: Run) -> None:
    for expected in run.expected("fault"):
        (terminal,) = expected["terminals"]
        wanted = {name: expected[name] for name in ("device", "unit", "condition")} | {"terminal": terminal}
        raised = [fault for fault in run.faults if wanted.items() <= fault.items()]
        times = [instant(fault["raised_at"]) for fault in raised]
        first, last = instant(expected["not_before"]), instant(expected["not_later_than"]) + LATE
        assert any(first <= at <= last for at in times), (expected, raised)
        if expected["clears_by"] is not None:
            gone = [fault["cleared_at"] and instant(fault["cleared_at"]) for fault in raised]
            assert all(at and at <= instant(expected["clears_by"]) + LATE for at in gone), (expected, raised)


def test_a_terminal_that_is_off_or_silent_shows_so_until_it_is_back(run: Run) -> None:
    expected_statuses = run.expected("status")
    assert {each["condition"] for each in expected_statuses} == {"off", "silent"}
    for expected in expected_statuses:
        (terminal,) = expected["terminals"]
        seen = run.statuses[terminal]
        first, last = instant(expected["not_before"]), instant(expected["not_later_than"]) + LATE
        shown = [at for at, status in seen if status == expected["condition"] and at >= first]
        assert shown and min(shown) <= last, expected
        assert expected["clears_by"] is not None
        back = [at for at, status in seen if at > shown[0] and status != expected["condition"]]
        assert back and min(back) <= instant(expected["clears_by"]) + LATE, expected


def test_nobody_else_is_silent(run: Run) -> None:
    cut_off = {"operator_down", "power_outage", "backlog"}
    may_be = {
        name for each in run.truth["expected"] if each["scenario"] in cut_off for name in each["terminals"]
    }
    # Everyday wear may take the mains from a kiosk without a battery; the sparing scenarios allow none.
    spared = {
        name
        for each in run.truth["expected"]
        if each["what"] not in ("incident", "backlog")
        for name in each["terminals"]
    }
    assert [
        name for name in spared - may_be if any(status == "silent" for _, status in run.statuses[name])
    ] == []


def test_the_numbers_of_a_restored_spool_conflict_and_no_others(run: Run) -> None:
    evidence = {tuple(each) for expected in run.expected("conflict") for each in expected["evidence"]}
    assert run.conflicts == evidence == {tuple(each) for each in run.truth["conflicts"]}


def test_a_wrong_clock_is_flagged_and_a_right_one_is_not(run: Run) -> None:
    wrong = {each["terminals"][0] for each in run.expected("condition") if each["condition"] == "clock_wrong"}
    assert len(wrong) == 4
    assert {name for name, shown in run.details.items() if shown["clock"]["wrong"]} == wrong


def test_no_backlog_and_no_new_epoch_leaves_a_gap(run: Run) -> None:
    whole = {
        name
        for each in run.truth["expected"]
        if each["detected_by"] == "completeness"
        for name in each["terminals"]
    }
    assert whole
    assert run.missing == []


def test_incidents_are_found() -> None:
    pytest.skip("nothing correlates faults into incidents yet: they are expected in truth.json only")


def test_money_that_a_jam_misplaced_is_found() -> None:
    pytest.skip("no collection is compared with what was stacked yet: it is expected in truth.json only")
