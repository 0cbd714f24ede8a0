"""Re-drives entries one by one, and says of each what became of it."""

from collections import Counter
from collections.abc import Callable, Iterator

from kmonitor.cli.quarantine_calls import Entry, QuarantineCalls
from kmonitor.cli.quarantine_text import named, taken_by

CONFLICT = "identity_conflict"


def run(
    calls: QuarantineCalls,
    identities: list[str] | None,
    wanted: dict[str, str],
    *,
    dry_run: bool,
    say: Callable[[str], None],
) -> bool:
    """Whether all of it came back, or would. Raises NoAnswer."""
    done = "would be re-driven" if dry_run else "re-driven"
    counts: Counter[str] = Counter()
    for identity, entry in _chosen(calls, identities, wanted):
        if entry is None:
            word = "not in the quarantine"
            say(f"{identity}: there is no such entry")
        elif entry["redriven"] is not None:
            word = "re-driven before"
            say(f"{named(entry)}: was re-driven at {entry['redriven']['at']}, nothing to do")
        else:
            outcome = calls.redrive(entry, dry_run=dry_run)
            word = done if outcome.is_read else "cannot come back"
            say(f"{named(entry)}: {word}: {', '.join(outcome.events) or outcome.text or 'no events'}")
            if entry["reason"] == CONFLICT:
                say(_instead(calls.entry(identity)))
        counts[word] += 1
    say("; ".join(f"{count} {word}" for word, count in counts.items()) or "Nothing in quarantine matches.")
    return not counts["cannot come back"] and not counts["not in the quarantine"]


def _chosen(
    calls: QuarantineCalls, identities: list[str] | None, wanted: dict[str, str]
) -> Iterator[tuple[str, Entry | None]]:
    """By identity; else what matches and was not settled. Read whole first: re-drives change what matches."""
    if identities is not None:
        for identity in identities:
            yield identity, calls.entry(identity)
        return
    for entry in list(calls.entries(wanted | {"redriven": "false"})):
        yield entry["identity"], entry


def _instead(entry: Entry | None) -> str:
    if entry is None or entry["taken_by"] is None:
        return "  what counts instead is not in the archive yet"
    return f"  what counts instead: {taken_by(entry)}"
