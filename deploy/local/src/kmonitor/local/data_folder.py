"""The folder of one stack: its mark, its lock, its secrets, and what stack.json says."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from kmonitor.local.errors import CannotStart
from kmonitor.local.ports import wait_until

MARKER = ".kmonitor-stack"
LOCK = "supervisor.lock"
DESCRIPTION = "stack.json"
SECRETS = "secrets.json"
LOCK_PATIENCE_S = 5.0
LEAST_FREE_BYTES = 1024**3


@dataclass(frozen=True)
class Secrets:
    """What a stack keeps to itself from its first start on."""

    admin_token: str
    secret: str
    """Hexadecimal, 32 bytes: the key for HMAC."""

    @property
    def admin_token_sha256(self) -> str:
        return hashlib.sha256(self.admin_token.encode()).hexdigest()


def claim(folder: Path, *, fresh: bool) -> int:
    """Make the folder this supervisor's own, emptied if `fresh`; the lock lasts as long as the process.

    Raises CannotStart for a folder with other people's files, and for one in which a stack runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_ours(folder):
        raise CannotStart(f"{folder} holds files of something else: choose an empty folder with --data.")
    (folder / MARKER).touch()
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not wait_until(lambda: _lock(lock), LOCK_PATIENCE_S):
        os.close(lock)
        raise CannotStart(f"A stack runs in {folder} already: stop it, or choose another folder with --data.")
    if fresh:
        _clear(folder)
    (folder / DESCRIPTION).unlink(missing_ok=True)
    return lock


def keep_secrets(folder: Path) -> Secrets:
    """The secrets of this folder, made at its first start."""
    file = folder / SECRETS
    if not file.exists():
        made = Secrets(admin_token=secrets.token_urlsafe(24), secret=secrets.token_hex(32))
        write_private(file, {"admin_token": made.admin_token, "secret": made.secret})
    return Secrets(**json.loads(file.read_text()))


def write_private(file: Path, content: object) -> None:
    """Write JSON that only its owner may read; a reader sees the old content or the new, never a part."""
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        json.dump(content, opened, indent=2)
        opened.write("\n")
        opened.flush()
        os.fsync(descriptor)
    unfinished.rename(file)


def is_disk_nearly_full(folder: Path, least: int = LEAST_FREE_BYTES) -> bool:
    return shutil.disk_usage(folder).free < least


def _is_ours(folder: Path) -> bool:
    names = {entry.name for entry in folder.iterdir()}
    return MARKER in names or not names


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name in (MARKER, LOCK):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
