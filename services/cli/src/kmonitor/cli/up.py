"""`kmonitor up`: start everything on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from kmonitor.local.ports import DEFAULT_PORT_BASE


def up(
    data: Annotated[Path, typer.Option(help="The stack's folder.")] = Path("var/stack"),
    port_base: Annotated[
        int, typer.Option(help="The first of the stack's ports; the page is there.")
    ] = DEFAULT_PORT_BASE,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start empty.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Drop all that is derived and build it again from the log.")
    ] = False,
) -> None:
    """Start the broker, the engine, every service and the page, and keep them running until Ctrl-C."""
    # Only here, for they load what `--help` does not need.
    from kmonitor.local.errors import CannotStart
    from kmonitor.local.plan import Plan
    from kmonitor.local.up import progress, run

    try:
        run(Plan(data.resolve(), port_base), fresh=fresh, rebuild=rebuild, say=progress())
    except CannotStart as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
