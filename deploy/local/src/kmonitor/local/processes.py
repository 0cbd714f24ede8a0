"""Child processes that end with their parent, whatever ends it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1


def spawn(
    command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, its output appended to `log`.

    Linux kills the child as soon as the calling *thread* ends, so call this from the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),
        )


def stop(process: subprocess.Popen[bytes], deadline_s: float = 15.0) -> None:
    """Ask a child to end, and end it when it has not done so in time."""
    ask_to_end(process)
    try:
        process.wait(deadline_s)
    except subprocess.TimeoutExpired:
        kill(process)


def ask_to_end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, also for a child that is stopped: it would hear the signal only when it goes on."""
    process.terminate()
    process.send_signal(signal.SIGCONT)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a child at once, as a crash would."""
    process.kill()
    process.wait()


def is_alive(pid: int) -> bool:
    """False also for one that ended and was not asked for yet by its parent."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a child's log, to say why it did not start."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-count:])


def _die_with_parent(parent: int) -> Callable[[], None]:
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        # The parent may have died before the kernel heard the wish.
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
