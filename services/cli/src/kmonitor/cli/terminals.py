"""`kmonitor terminals`: registers a whole park from a sheet."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kmonitor.cli.options import STACK, Data, GatewayAt, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kmonitor.cli.terminals_csv import BadRow

terminals = typer.Typer(help="The registry of terminals.", no_args_is_help=True)


@terminals.callback()
def about() -> None:
    """The registry of terminals."""


@terminals.command("import")
def import_(
    sheet: Annotated[
        Path, typer.Argument(help="CSV, its columns named in the first line.", exists=True, dir_okay=False)
    ],
    name: Annotated[
        str | None, typer.Option(help="What makes this import itself; else the content of the file does.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only read the sheet.")] = False,
    bad: Annotated[Path | None, typer.Option(help="Write the rows that were not taken here, as CSV.")] = None,
    data: Data = STACK,
    token: Token = None,
    gateway: GatewayAt = None,
) -> None:
    """Register the terminals of a sheet, or change what is known of them.

    An empty cell leaves it as it is, `-` clears it. A row that cannot be taken is told with its line and
    reason, and keeps no other from being taken. Repeated, an import has no second effect. Exit code 0: all
    rows were taken; 1: some were not; 2: none, and why.
    """
    import asyncio

    from kmonitor.cli.addresses import NobodyToAsk, addresses
    from kmonitor.cli.answers import NoAnswer
    from kmonitor.cli.terminals_csv import WrongSheet, decoded, read_sheet
    from kmonitor.cli.terminals_import import Office, register

    content = sheet.read_bytes()
    try:
        rows, refused = read_sheet(decoded(content))
        if not dry_run:
            at = addresses(data, gateway=gateway, token=token)
            office = Office(**at, name=name or hashlib.sha256(content).hexdigest())
            with typer.progressbar(length=len(rows), label="registering") as shown:
                again = asyncio.run(register(rows, office, lambda: shown.update(1)))
            refused = sorted([*refused, *again])
    except (WrongSheet, NobodyToAsk, NoAnswer) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    _tell(refused, bad)
    refused_lines = {each.line for each in refused}
    taken = sum(row.line not in refused_lines for row in rows)
    typer.echo(f"{taken} {'can be' if dry_run else 'were'} taken, {len(refused)} not.")
    raise typer.Exit(1 if refused else 0)


def _tell(refused: "Sequence[BadRow]", file: Path | None) -> None:
    for each in refused:
        typer.echo(f"line {each.line}: {each.terminal or '(no terminal)'}: {each.reason}", err=True)
    if file is not None:
        import csv

        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(("line", "terminal", "reason"))
            writer.writerows(refused)
