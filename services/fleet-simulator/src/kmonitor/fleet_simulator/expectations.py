"""What must be seen of the scenarios of a ledger, and when: told from what was said and when it was taken."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from kmonitor.fleet_simulator.ledger import Began, Expected, Over, Taken

SEEN_WITHIN = timedelta(seconds=10)
"""After the gateway's 202, or after a silence is one."""
INTERVALS = 2.5
"""A terminal is silent, and an event is backlog, after so many report intervals (protocol, section 1)."""

Place = tuple[int, int]
"""An epoch and a number in it."""


class _Case(Struct):
    """One expectation as the ledger goes on.

    `shown_at` is when the gateway took the first event, from its evidence on, that was no backlog: old news
    raises nothing, and where it ends is judged then.
    """

    expected: Expected
    heard_at: datetime | None
    over: Over | None = None
    shown_at: datetime | None = None
    shown_by: Place | None = None
    heard_again_at: datetime | None = None
    over_at: datetime | None = None


class Expectations:
    """Told the lines of a ledger in their order; `moment` is always the true time."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self._of: dict[str, list[_Case]] = defaultdict(list)
        self._moments: dict[tuple[str, int, int], datetime] = {}
        self._heard: dict[str, datetime] = {}
        self._interval = timedelta(seconds=60)

    def began(self, line: Began) -> None:
        self._interval = timedelta(seconds=line.report_interval_s)

    def concerns(self, terminal: str) -> bool:
        """Whether anything is expected of it."""
        return terminal in self._of

    def said(self, terminal: str, place: Place, moment: datetime) -> None:
        self._moments[(terminal, *place)] = moment

    def expected(self, line: Expected) -> None:
        case = _Case(line, self._heard.get(line.terminals[0]))
        self._cases[line.name] = case
        if line.trouble.what == "incident":
            return
        (terminal,) = line.terminals
        self._of[terminal].append(case)
        if line.evidence is not None:
            self._moments[(terminal, *line.evidence)] = datetime.fromisoformat(line.moment)

    def over(self, line: Over) -> None:
        self._cases[line.name].over = line

    def taken(self, line: Taken) -> None:
        received_at = datetime.fromisoformat(line.received_at)
        self._heard[line.terminal] = received_at
        for case in self._of.get(line.terminal, ()):
            case.heard_again_at = case.heard_again_at or received_at
            if case.shown_at is None:
                case.shown_by = self._first_live(case, line, received_at)
                case.shown_at = received_at if case.shown_by is not None else None
            over = case.over.evidence if case.over is not None else None
            if over is not None and over[0] == line.epoch and line.first <= over[1] <= line.last:
                case.over_at = case.over_at or received_at

    def told(self, conflicts: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
        """What could be seen by now, in the order of time; `conflicts` are identities with two contents."""
        told = []
        for case in self._cases.values():
            if (times := self._times(case)) is None:
                continue
            line, trouble = case.expected, case.expected.trouble
            evidence = [] if line.evidence is None else [(line.terminals[0], *line.evidence)]
            if trouble.what == "conflict":
                evidence = [each for each in conflicts if each[0] == line.terminals[0]]
            told.append(
                {
                    "scenario": trouble.scenario,
                    "terminals": line.terminals,
                    "what": trouble.what,
                    "condition": trouble.condition,
                    "device": trouble.device,
                    "unit": trouble.unit,
                    "subject": trouble.subject,
                    "detected_by": trouble.detected_by,
                    "evidence": [list(each) for each in evidence],
                }
                | times
            )
        return sorted(told, key=lambda each: (each["not_before"], each["scenario"], each["terminals"]))

    def _first_live(self, case: _Case, line: Taken, received_at: datetime) -> Place | None:
        evidence = case.expected.evidence
        for seq in range(line.first, line.last + 1):
            place = line.epoch, seq
            moment = self._moments.get((line.terminal, *place))
            is_since = moment is not None and (evidence is None or place >= evidence)
            if moment is not None and is_since and received_at - moment <= INTERVALS * self._interval:
                return place
        return None

    def _times(self, case: _Case) -> dict[str, Any] | None:
        """From when on it is right to see it, from when on wrong not to, and when it must be gone; None if
        nobody could."""
        trouble = case.expected.trouble
        if trouble.what == "incident":
            return self._of_many(case)
        if trouble.condition == "silent":
            return self._of_silence(case)
        if case.shown_at is None or case.shown_by is None:
            return None
        over = case.over.evidence if case.over is not None else None
        struck_at = datetime.fromisoformat(case.expected.moment)
        was_over = over is not None and over <= case.shown_by and case.shown_by != case.expected.evidence
        # What began and ended as old news is in the unit's history, and was never anybody's alarm.
        is_history = was_over and trouble.what in ("fault", "status")
        what = "condition" if is_history else trouble.what
        return {"what": what} | _window(struck_at, case.shown_at, case.over_at)

    def _of_silence(self, case: _Case) -> dict[str, Any] | None:
        if case.heard_at is None:
            return None  # Never heard, it is new and not silent.
        silent_at = case.heard_at + INTERVALS * self._interval
        if case.heard_again_at is not None and case.heard_again_at < silent_at + SEEN_WITHIN:
            return None  # Perhaps too short to be noticed.
        return _window(silent_at, silent_at, case.heard_again_at)

    def _of_many(self, case: _Case) -> dict[str, Any] | None:
        begins = datetime.fromisoformat(case.expected.moment)
        last_heard = max(self._heard.values(), default=begins)
        if case.over is None or begins >= last_heard:
            return None
        ends = datetime.fromisoformat(case.over.moment)
        return _window(begins, ends - SEEN_WITHIN, ends if ends < last_heard else None)


def _window(from_: datetime, shown_at: datetime, over_at: datetime | None) -> dict[str, Any]:
    return {
        "not_before": from_.isoformat(timespec="milliseconds"),
        "not_later_than": (shown_at + SEEN_WITHIN).isoformat(timespec="milliseconds"),
        "clears_by": None if over_at is None else (over_at + SEEN_WITHIN).isoformat(timespec="milliseconds"),
    }
