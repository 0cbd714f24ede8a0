"""Options of every command that asks a running KMonitor."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option(help="The folder of the local stack to ask.")]
Token = Annotated[str | None, typer.Option(envvar="KMONITOR_TOKEN", help="The administrator's token.")]
GatewayAt = Annotated[str | None, typer.Option(envvar="KMONITOR_GATEWAY", help="Its address.")]
STACK = Path("var/stack")
