"""The epoch of a new spool: greater than any before, also when the spool was lost."""

from datetime import UTC, datetime
from pathlib import Path

from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.files import write_durably

FILE = "epoch"
FIRST_BELIEVABLE = datetime(2025, 1, 1, tzinfo=UTC).timestamp()


def new_epoch(folder: Path, now: float) -> int:
    """Seconds since 1970, remembered in a file of its own beside the spool.

    Raises CannotRun while the clock is in the past: with the folder lost too, the epoch would be below an
    earlier one, and all that follows would count as old news.
    """
    if now < FIRST_BELIEVABLE:
        said = datetime.fromtimestamp(now, UTC).date()
        raise CannotRun(f"The clock says {said}, and a new spool needs the true time once: set the clock.")
    file = folder / FILE
    epoch = max(int(now), _last(file) + 1)
    write_durably(file, f"{epoch}\n")
    return epoch


def _last(file: Path) -> int:
    text = file.read_text().strip() if file.exists() else "0"
    return int(text) if text.isdigit() else 0
