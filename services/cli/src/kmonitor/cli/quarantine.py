"""`kmonitor quarantine`: what could not be read, and how it comes back after a fix."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kmonitor.cli.options import STACK, Data, GatewayAt, Token

if TYPE_CHECKING:
    from kmonitor.cli.quarantine_calls import QuarantineCalls

quarantine = typer.Typer(help="What could not be read: list it, show it, re-drive it.", no_args_is_help=True)

QueryApi = Annotated[str | None, typer.Option(envvar="KMONITOR_QUERY_API", help="Its address.")]
Terminal = Annotated[str | None, typer.Option(help="Only entries of this terminal.")]
Reason = Annotated[str | None, typer.Option(help="Only entries with this reason, as unknown_type.")]


@quarantine.command("list")
def list_(
    terminal: Terminal = None,
    reason: Reason = None,
    stage: Annotated[str | None, typer.Option(help="Only entries of gateway, or of archive.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what no re-drive has settled.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the latest first.")] = 100,
    data: Data = STACK,
    token: Token = None,
    query_api: QueryApi = None,
    gateway: GatewayAt = None,
) -> None:
    """List the entries, the latest first."""
    from kmonitor.cli.quarantine_text import table

    wanted = _given(terminal=terminal, reason=reason, stage=stage) | ({"redriven": "false"} if waiting else {})
    with _calls(data, token, query_api, gateway) as calls:
        entries = list(calls.entries(wanted, limit))
    for line in table(entries):
        typer.echo(line)


@quarantine.command()
def show(
    identity: Annotated[str, typer.Argument(help="As the list says it.")],
    data: Data = STACK,
    token: Token = None,
    query_api: QueryApi = None,
    gateway: GatewayAt = None,
) -> None:
    """Show one entry: all that is known of it, and its exact bytes. Exit code 1 if there is no such."""
    from kmonitor.cli.quarantine_text import in_full

    with _calls(data, token, query_api, gateway) as calls:
        entry = calls.entry(identity)
    if entry is None:
        typer.echo(f"There is no entry {identity}.", err=True)
        raise typer.Exit(1)
    for line in in_full(entry):
        typer.echo(line)


@quarantine.command()
def redrive(
    identity: Annotated[list[str] | None, typer.Option(help="This entry; may be given several times.")] = None,
    reason: Reason = None,
    terminal: Terminal = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    data: Data = STACK,
    token: Token = None,
    query_api: QueryApi = None,
    gateway: GatewayAt = None,
) -> None:
    """Bring back what can be read by now: the chosen entries, or all that no re-drive has settled.

    Repeated it changes nothing: each entry counts once. Exit code 0: all of it came back (or would); 1: some of
    it cannot; 2: a wrong choice, or nobody to ask.
    """
    from kmonitor.cli.quarantine_redrive import run

    wanted = _given(reason=reason, terminal=terminal)
    if identity and wanted:
        typer.echo("Choose by --identity, or by --reason and --terminal, not by both.", err=True)
        raise typer.Exit(2)
    with _calls(data, token, query_api, gateway) as calls:
        is_whole = run(calls, identity or None, wanted, dry_run=dry_run, say=typer.echo)
    raise typer.Exit(0 if is_whole else 1)


def _given(**said: str | None) -> dict[str, str]:
    return {name: value for name, value in said.items() if value is not None}


@contextmanager
def _calls(
    data: Path, token: str | None, query_api: str | None, gateway: str | None
) -> "Iterator[QuarantineCalls]":
    """The services to ask; whoever does not answer ends the command with 2."""
    # Only here, for they load what `--help` does not need.
    from kmonitor.cli.addresses import NobodyToAsk, addresses
    from kmonitor.cli.answers import NoAnswer
    from kmonitor.cli.quarantine_calls import QuarantineCalls

    try:
        calls = QuarantineCalls(**addresses(data, query_api=query_api, gateway=gateway, token=token))
        try:
            yield calls
        finally:
            calls.close()
    except (NobodyToAsk, NoAnswer) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
