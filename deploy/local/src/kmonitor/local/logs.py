"""The children's logs, kept from growing without end."""

import shutil
from pathlib import Path

LARGEST_BYTES = 16 * 1024 * 1024


def rotate(folder: Path, largest: int = LARGEST_BYTES) -> None:
    """Move what a full log holds to `<name>.1` and empty it in place, for its writer holds it open.

    Writers append, so they go on at the start. What is written between copy and cut is lost.
    """
    for log in folder.glob("*.log"):
        if log.stat().st_size > largest:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            with log.open("r+b") as file:
                file.truncate(0)
