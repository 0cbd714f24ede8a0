"""Files that are whole after a power cut, and secrets that only their owner reads."""

import os
import re
import stat
from pathlib import Path

from kmonitor.terminal_agent.errors import CannotRun

CREDENTIAL = re.compile(r"[\x21-\x2d\x2f-\x7e]+\.[\x21-\x7e]+")


def write_durably(file: Path, text: str) -> None:
    """A reader sees the old text or the new; after the return the new one survives a power cut."""
    unfinished = file.with_name(f"{file.name}.new")
    with unfinished.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def read_credential(file: Path) -> str:
    """`<key_id>.<secret>`. Raises CannotRun, which never says what was read."""
    try:
        with file.open(encoding="ascii", errors="replace") as opened:
            if os.name == "posix" and stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                raise CannotRun(f"{file} is open to others than its owner: run `chmod 600 {file}`.")
            text = opened.read(4096).strip()
    except OSError as error:
        raise CannotRun(f"{file} cannot be read ({error.strerror}): put the terminal's key there.") from error
    if not CREDENTIAL.fullmatch(text):
        raise CannotRun(f"{file} does not hold a key as `<key_id>.<secret>`: ask the office for one.")
    return text
