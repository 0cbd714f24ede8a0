"""The terminal agent as a program: python -m kmonitor.terminal_agent.main run | status | install-service."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import httpx

from kmonitor.terminal_agent import settings
from kmonitor.terminal_agent.agent import Agent
from kmonitor.terminal_agent.errors import CannotRun
from kmonitor.terminal_agent.local_api import LOOPBACK
from kmonitor.terminal_agent.service import NAME, Installation, systemd_unit, windows_commands
from kmonitor.terminal_agent.settings import FILE, Settings, home

SURPRISED, CANNOT = 1, 2
SURPRISE = "a surprise: ending, to be started again"
# SIGBREAK is how Windows asks.
SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)]
STATUS_S = 5.0

log = logging.getLogger("kmonitor.agent")


def run(said: Settings) -> None:
    """Until it is asked to stop. Raises CannotRun."""
    os.umask(0o077)
    stop = threading.Event()
    threading.excepthook = _end
    for number in SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    Agent(said).run(stop)


def show_status(said: Settings) -> None:
    """Raises CannotRun when no agent answers."""
    url = f"http://{LOOPBACK}:{said.port}/status"
    try:
        answer = httpx.get(url, timeout=STATUS_S, trust_env=False)
    except httpx.TransportError as error:
        raise CannotRun(f"No agent answers at {url}: start it, or look into its log.") from error
    sys.stdout.write(f"{answer.text}\n")


def install_service(said: Settings, what: Installation, to: Path | None, *, windows: bool) -> None:
    """Writes what the machine needs to `to`, or shows it."""
    text = windows_commands(what) if windows else systemd_unit(what, said)
    if to is None:
        sys.stdout.write(text)
        return
    try:
        to.write_text(text, "utf-8")
    except OSError as error:
        raise CannotRun(f"{to} cannot be written: {error.strerror}.") from error


def main(arguments: Sequence[str] | None = None) -> None:
    said = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    log.setLevel(logging.INFO)
    try:
        told = settings.read(said.config, os.environ)
        match said.command:
            case "run":
                run(told)
            case "status":
                show_status(told)
            case "install-service":
                config = (said.config or home() / FILE).absolute()
                what = Installation(python=Path(sys.executable), config=config, user=said.user)
                install_service(told, what, said.to, windows=said.windows)
    except CannotRun as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(CANNOT)
    # The one place that says of any surprise what it was.
    except Exception:
        log.exception(SURPRISE)
        sys.exit(SURPRISED)


def _end(what: threading.ExceptHookArgs) -> None:
    """An agent that lacks a thread must not seem to live: end as in a power cut, which it survives."""
    log.critical(SURPRISE, exc_info=what.exc_value)
    os._exit(SURPRISED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kmonitor-agent",
        description="Keeps events of a kiosk's software, and sends them to KMonitor until they are answered.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run_ = commands.add_parser("run", help="run until asked to stop")
    status = commands.add_parser("status", help="what the running agent says of itself, as JSON")
    install = commands.add_parser("install-service", help="a systemd unit, or what to type on Windows")
    for command in (run_, status, install):
        command.add_argument("--config", type=Path, metavar="FILE", help=f"({home() / FILE})")
    install.add_argument("--to", type=Path, metavar="FILE", help="write it there instead of showing it")
    install.add_argument("--user", default=NAME, help="who runs it (%(default)s)")
    install.add_argument("--windows", action=argparse.BooleanOptionalAction, default=os.name == "nt",
        help="for Windows (this machine's own by default)")  # fmt: skip
    return parser


if __name__ == "__main__":
    main()
