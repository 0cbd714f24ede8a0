"""What an answer to a report means for the events in it."""

import msgspec
from msgspec import Struct

from kmonitor.terminal_agent.gateway import Answer
from kmonitor.terminal_agent.spool import Event, Refusal

PROBLEM = "application/problem+json"
NOT_NOW = frozenset({408, 425, 429})
LONGEST_INTERVAL_S = 86_400.0


class Accepted(Struct, frozen=True):
    """The gateway has all of them; those rejected must never be sent again."""

    rejected: list[Refusal]
    report_interval_s: float


class NotNow(Struct, frozen=True):
    """It may have been taken or not: send it again, not before `retry_after_s` if it was said."""

    reason: str
    retry_after_s: float | None = None


class Unwelcome(Struct, frozen=True):
    """It would be answered so each time, until a person mends something."""

    reason: str


class Unreadable(Struct, frozen=True):
    """Something in the report, or its size, keeps all of it from being taken.

    `by_gateway`: KMonitor itself says so, not something that stands between.
    """

    reason: str
    detail: str
    by_gateway: bool


Verdict = Accepted | NotNow | Unwelcome | Unreadable


class _Rejected(Struct):
    index: int
    reason: str
    detail: str = ""


class _Accepted(Struct):
    accepted: int
    rejected: list[_Rejected]
    report_interval_s: float


class _Problem(Struct):
    detail: str


def judge(answer: Answer, events: list[Event]) -> Verdict:
    """Only a whole 202 that speaks of these events is believed: a hotspot's page must not empty a spool."""
    match answer.status:
        case 202:
            return _accepted(answer, events)
        case 401:
            return Unwelcome(
                "401: the gateway does not know the key, or it was revoked: ask the office for a new one"
            )
        case 403:
            return Unwelcome("403: the key is another terminal's: check `terminal` in the settings")
        case 400 | 413:
            return _unreadable(answer)
        case status if status in NOT_NOW or status >= 500:
            return NotNow(f"{status}: the gateway cannot take it now", _seconds(answer.retry_after))
        case status:
            return Unwelcome(
                f"{status}: this is no answer of KMonitor's gateway: check `gateway` in the settings"
            )


def _accepted(answer: Answer, events: list[Event]) -> Verdict:
    try:
        said = msgspec.json.decode(answer.body, type=_Accepted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unwelcome("202 without what KMonitor says: something else answers in its place")
    indexes = {each.index for each in said.rejected}
    if said.accepted + len(indexes) != len(events) or not indexes <= set(range(len(events))):
        return Unwelcome("202 about another report: something else answers in the gateway's place")
    refusals = [Refusal(events[each.index].seq, each.reason, each.detail) for each in said.rejected]
    return Accepted(refusals, min(LONGEST_INTERVAL_S, max(1.0, said.report_interval_s)))


def _unreadable(answer: Answer) -> Unreadable:
    by_gateway, detail = False, ""
    if answer.media_type == PROBLEM:
        try:
            by_gateway, detail = True, msgspec.json.decode(answer.body, type=_Problem).detail
        except (msgspec.DecodeError, UnicodeDecodeError):
            by_gateway = False
    return Unreadable(f"{answer.status}", detail, by_gateway)


def _seconds(retry_after: str) -> float | None:
    """A date is not asked of a kiosk's clock."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
