"""The watched folder: files written elsewhere and renamed into it, each taken exactly once."""

from pathlib import Path

from kmonitor.terminal_agent.errors import CannotRun, Ending, KeyReused, SpoolFull, Unfit
from kmonitor.terminal_agent.files import write_durably
from kmonitor.terminal_agent.intake import Intake
from kmonitor.terminal_agent.local_api import BODY_AT_MOST
from kmonitor.terminal_agent.status import Status

PART = "inbox"
CLAIMED, REFUSED = "claimed", "refused"


class Inbox:
    """Looked through by one thread; files are taken in the order of their names."""

    def __init__(self, folder: Path, intake: Intake, status: Status) -> None:
        """Raises CannotRun."""
        if not folder.is_dir():
            raise CannotRun(f"{folder} is no folder: make it, with rights for the agent to delete in it.")
        self._folder = folder
        self._intake = intake
        self._status = status

    def look(self) -> None:
        """Take what is there now. What cannot be taken now stays.

        When the agent ends meanwhile, what is left, claimed or not, the next agent takes.
        """
        claimed = self._folder / CLAIMED
        try:
            claimed.mkdir(exist_ok=True)
            for file in sorted(claimed.iterdir()):
                self._take(file)
            for file in sorted(self._folder.glob("*.json")):
                if file.is_file():
                    # First out of the way of a new file with its name, which must not be deleted for it.
                    self._take(file.rename(claimed / file.name))
        except Ending:
            return
        except (OSError, SpoolFull) as trouble:
            self._status.report(PART, f"{self._folder}: {trouble}")
        else:
            self._status.report(PART, None)

    def _take(self, file: Path) -> None:
        try:
            changed = file.stat()
            if changed.st_size > BODY_AT_MOST:
                raise Unfit(f"it is larger than {BODY_AT_MOST} bytes")
            # The spool remembers the file with its events: found again after a crash, it keeps nothing twice.
            self._intake.take(file.read_bytes(), f"file:{file.name}:{changed.st_mtime_ns}")
        except (Unfit, KeyReused, PermissionError) as reason:
            self._refuse(file, str(reason))
        else:
            file.unlink()

    def _refuse(self, file: Path, reason: str) -> None:
        """The reason first: a crash between leaves the file where it is found again."""
        refused = self._folder / REFUSED
        refused.mkdir(exist_ok=True)
        place = _free(refused / file.name)
        write_durably(place.with_name(f"{place.name}.reason.txt"), f"{reason}\n")
        file.rename(place)


def _free(place: Path) -> Path:
    """Never over an earlier file of the same name."""
    number = 1
    free = place
    while free.exists():
        number += 1
        free = place.with_name(f"{place.stem}.{number}{place.suffix}")
    return free
