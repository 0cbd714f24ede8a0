"""How a demo is seen: a live panel on a terminal, plain lines elsewhere."""

import sys
from datetime import datetime
from typing import Any

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kmonitor.cli.demo_show import Screen, Sight

STATUS_COLOURS = {
    "working": "green",
    "degraded": "yellow",
    "stopped": "red",
    "silent": "magenta",
    "off": "bright_black",
    "new": "cyan",
}
SEVERITY_COLOURS = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}
BAR = 24
PLAIN_EVERY_S = 5.0


def screen() -> Screen:
    """The one that fits where the output goes."""
    return LiveScreen() if sys.stdout.isatty() else PlainScreen()


class PlainScreen:
    """A line now and then, for logs and pipes."""

    def __init__(self) -> None:
        self._page = ""
        self._next = 0.0

    def say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def show(self, sight: Sight) -> None:
        if sight.page != self._page:
            self._page = sight.page
            self.say(f"open {sight.page}")
        if sight.seconds >= self._next:
            self._next = sight.seconds + PLAIN_EVERY_S
            self.say(f"[{sight.seconds:6.1f} s] {'; '.join(_facts(sight))}")

    def close(self) -> None:
        """A line needs no end."""


class LiveScreen:
    """A panel that renews itself in place."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._live: Live | None = None

    def say(self, text: str) -> None:
        self._console.print(text, style="dim", markup=False)

    def show(self, sight: Sight) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        self._live.update(panel(sight), refresh=True)

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def panel(sight: Sight) -> Panel:
    """All of it in one frame."""
    link = Text(sight.page, style=f"bold underline link {sight.page}")
    head = Text.assemble("the page  ", link, "\n", (_doing(sight), "dim"))
    if sight.summary is None:
        body: RenderableType = Text("the query API does not answer just now…", style="yellow")
    else:
        body = Columns([_terminals(sight.summary), _figures(sight, sight.summary)], padding=(0, 4))
    return Panel(
        Group(head, Text(), body, Text(), _faults(sight.faults)),
        title="[bold]KMonitor",
        subtitle="[dim]Ctrl-C stops everything",
        padding=(1, 2),
    )


def _doing(sight: Sight) -> str:
    park = sight.park
    match park["phase"]:
        case "register":
            return f"registering kiosks: {park['registered']:,} of {park['terminals']:,}"
        case "history":
            return f"sending history: {park['events']:,} events so far, {park['events_per_s']:,.0f}/s"
        case "live":
            return f"the park is alive: {park['events']:,} events, {park['events_per_s']:,.0f}/s"
        case phase:
            return f"the park is {phase}…"


def _terminals(summary: dict[str, Any]) -> Table:
    counts: dict[str, int] = summary["terminals"]
    table = Table(title="terminals", title_justify="left", box=None, show_header=False)
    whole = max(1, sum(counts.values()))
    for status in STATUS_COLOURS:
        count = counts.get(status, 0)
        bar = "█" * -(-count * BAR // whole)
        table.add_row(status, f"{count:,}", Text(bar.ljust(BAR), style=STATUS_COLOURS[status]))
    return table


def _figures(sight: Sight, summary: dict[str, Any]) -> Table:
    table = Table(title="now", title_justify="left", box=None, show_header=False)
    for severity, count in summary["faults"].items():
        table.add_row(f"faults, {severity}", Text(f"{count:,}", style=SEVERITY_COLOURS.get(severity, "")))
    for money in summary["money_today"] or []:
        table.add_row("money today", f"[bold]{_money(money['credited_minor'])} {money['currency']}")
        table.add_row("payments today", f"{money['payments']:,}")
    table.add_row("complete to", _time(summary["complete_to"]))
    table.add_row("catching up", f"{summary['catching_up'] or 0:,}")
    table.add_row("reports sent twice", f"{sight.park.get('copies', 0):,}")
    return table


def _faults(faults: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="dim", expand=True)
    for name in ("open faults", "terminal", "unit", "since"):
        table.add_column(name)
    for fault in faults:
        style = SEVERITY_COLOURS.get(fault["severity"], "")
        what = Text(str(fault["condition"]).replace("_", " "), style=style)
        unit = " ".join(str(part) for part in (fault["device"], fault["unit"]) if part)
        table.add_row(what, fault["terminal"], unit, _time(fault["raised_at"]))
    return table


def _facts(sight: Sight) -> list[str]:
    """The same in words, for a plain line."""
    facts = [_doing(sight)]
    if sight.summary is None:
        return [*facts, "the query API does not answer"]
    for name in ("terminals", "faults"):
        counts = ", ".join(f"{count} {kind}" for kind, count in sight.summary[name].items() if count)
        facts.append(f"{name}: {counts or 'none'}")
    for money in sight.summary["money_today"] or []:
        facts.append(
            f"today {money['payments']:,} payments, {_money(money['credited_minor'])} {money['currency']}"
        )
    return [*facts, f"complete to {_time(sight.summary['complete_to'])}"]


def _money(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d}".replace(",", " ")


def _time(text: str | None) -> str:
    """On this machine's clock."""
    return datetime.fromisoformat(text).astimezone().strftime("%H:%M:%S") if text else "not yet known"
