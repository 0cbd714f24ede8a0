"""What a report adds to the counts: a refusal or contradiction once, and an entry that comes back once."""

from dataclasses import dataclass, field

from msgspec import UNSET

from kmonitor.event_archive.judging import Judged, identity_key, place_key, refusal_key
from kmonitor.events.log import Redriven


@dataclass(slots=True)
class Before:
    """What had been quarantined of a terminal, what of it is quarantined no more, and which entries of the
    quarantine were re-driven; it moves on with each report."""

    keys: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    redriven: set[str] = field(default_factory=set)

    def learn(self, keys: set[int], released: set[int], redriven: set[str]) -> None:
        self.keys |= keys
        self.released |= released
        self.redriven |= redriven
        # Refused once more after it was re-driven, it is a duplicate.
        self.keys.update(map(identity_key, redriven))


def account(judged: Judged, before: Before) -> None:
    """Tell, of a report that was compared, what is quarantined by it, what had come before, what comes back."""
    redriven = judged.heard.report.redriven
    if redriven is UNSET:
        _tell_repeated(judged, before.keys)
    else:
        _settle(judged, redriven, before)


def _tell_repeated(judged: Judged, known: set[int]) -> None:
    """The first of a kind goes to quarantine, the same again is a duplicate."""
    for refusal in judged.heard.report.refused:
        _note(refusal_key(judged.heard.report.epoch, refusal), judged.refused_keys, judged, known)
    first: list[tuple[int, int]] = []
    for item, key in judged.conflicts:
        if _note(key, judged.conflict_keys, judged, known):
            first.append((item, key))
    judged.conflicts = first


def _note(key: int, keys: list[int], judged: Judged, known: set[int]) -> bool:
    if key in known:
        judged.duplicates += 1
        return False
    known.add(key)
    keys.append(key)
    return True


def _settle(judged: Judged, redriven: Redriven, before: Before) -> None:
    """Account for a re-driven report, of which `judged` tells what is new, the same again or a contradiction.

    The first time that it adds something it takes its refusal out of what is quarantined: that was received
    then, and is not received again. An entry whose refusal the log does not hold is received now. What
    contradicts an earlier word stays where it is: its bytes are in the quarantine already.
    """
    report = judged.heard.report
    same = judged.duplicates
    new = len(report.events) - same - len(judged.conflicts)
    judged.duplicates, judged.conflicts = 0, []
    for refusal in report.refused:
        key = refusal_key(report.epoch, refusal)
        if key not in before.keys:
            before.keys.add(key)
            judged.refused_keys.append(key)
    is_contradicted = bool(report.events) and new == same == 0
    if redriven.identity not in before.redriven and not is_contradicted:
        judged.redriven = redriven
        judged.released_keys = _quarantined(report.epoch, redriven, before)[:1]
        judged.duplicates = len(judged.released_keys) if new == 0 else 0
        before.learn(set(), set(judged.released_keys), {redriven.identity})
    received = new + judged.duplicates + len(judged.refused_keys) - len(judged.released_keys)
    judged.uncounted = len(report.events) + len(report.refused) - received


def _quarantined(epoch: int, redriven: Redriven, before: Before) -> list[int]:
    """The keys under which the entry's refusal counts as quarantined."""
    keys = [identity_key(redriven.identity)]
    if redriven.index is not None:
        keys.append(place_key(epoch, redriven.index, redriven.seq, str(redriven.reason)))
    return [key for key in keys if key in before.keys and key not in before.released]
