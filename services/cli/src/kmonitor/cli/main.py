"""The `kmonitor` command: each subcommand is a file of this package."""

import typer

from kmonitor.cli.demo import demo
from kmonitor.cli.doctor import doctor
from kmonitor.cli.quarantine import quarantine
from kmonitor.cli.terminals import terminals
from kmonitor.cli.up import up

app = typer.Typer(
    help="KMonitor: real-time monitoring of payment kiosks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up)
app.command()(doctor)
app.command()(demo)
app.add_typer(quarantine, name="quarantine")
app.add_typer(terminals, name="terminals")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
