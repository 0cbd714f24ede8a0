"""`kmonitor doctor`: what is there, what is missing, how to install it."""

from pathlib import Path
from typing import Annotated

import typer

from kmonitor.local.ports import DEFAULT_PORT_BASE


def doctor(
    data: Annotated[Path, typer.Option(help="The stack's folder.")] = Path("var/stack"),
    port_base: Annotated[int, typer.Option(help="The first of the stack's ports.")] = DEFAULT_PORT_BASE,
) -> None:
    """Say what this machine has of what the stack needs. Exit code 0: all; 2: something is missing."""
    # Only here, for it loads the engine.
    from kmonitor.local.doctor import examine, is_fit
    from kmonitor.local.plan import Plan

    findings = examine(Plan(data.resolve(), port_base))
    for finding in findings:
        mark = "ok" if finding.is_there else "MISSING" if finding.is_needed else "absent"
        typer.echo(f"{mark:8} {finding.name:18} {finding.text}")
    if not is_fit(findings):
        raise typer.Exit(2)
