"""`kmonitor demo`: a living park on this machine, with one command."""

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from kmonitor.local.ports import DEFAULT_PORT_BASE


def demo(
    terminals: Annotated[int, typer.Option(min=1, help="How many kiosks the park has.")] = 500,
    hours: Annotated[float, typer.Option(min=0, help="History to begin with.")] = 3.0,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="How many times as fast it lives.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed is the same park.")] = 1,
    data: Annotated[Path, typer.Option(help="The demo's folder.")] = Path("var/demo"),
    port_base: Annotated[
        int, typer.Option(help="The first of the stack's ports; the page is there.")
    ] = DEFAULT_PORT_BASE,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start empty.")] = False,
    seconds: Annotated[float | None, typer.Option(help="Stop by itself after so long.")] = None,
) -> None:
    """Start everything, feed a park of kiosks, and show it live until Ctrl-C."""
    # Only here, for they load what `--help` does not need.
    from kmonitor.cli.demo_screen import screen
    from kmonitor.cli.demo_show import Demo, Ended, run

    signal.signal(signal.SIGTERM, _interrupt)
    wish = Demo(data.resolve(), port_base, fresh, terminals, hours, speed, seed, seconds)
    try:
        run(wish, screen())
    except Ended as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.code) from error


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
