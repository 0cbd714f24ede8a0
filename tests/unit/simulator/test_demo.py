"""What `kmonitor demo` shows, and what it says when it cannot start."""

import os
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from kmonitor.cli.demo_screen import PlainScreen, panel
from kmonitor.cli.demo_show import Sight
from kmonitor.local.stack import free_port_base

JAM = {
    "terminal": "MSK-000007", "device": "bill_acceptor", "unit": "validator-1", "condition": "jammed",
    "severity": "error", "raised_at": "2026-11-22T10:00:00Z",
}  # fmt: skip
LIVE = Sight(
    page="http://127.0.0.1:1/#token=t",
    seconds=7.0,
    park={"phase": "live", "events": 1234, "events_per_s": 56.0, "copies": 3},
    summary={
        "terminals": {"working": 497, "stopped": 3},
        "faults": {"error": 3},
        "money_today": [{"currency": "RUB", "payments": 1500, "credited_minor": 123456789}],
        "complete_to": "2026-11-22T10:00:00Z",
        "catching_up": 2,
    },
    faults=[JAM],
)


def shown(sight: Sight) -> str:
    console = Console(file=StringIO(), width=110)
    console.print(panel(sight))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    "word", ["#token=t", "497", "MSK-000007", "jammed", "1 234 567.89 RUB", "1,234 events"]
)
def test_the_panel_shows_the_park(word: str) -> None:
    assert word in shown(LIVE)


def test_the_panel_says_so_while_the_query_api_is_away() -> None:
    assert "does not answer" in shown(replace(LIVE, summary=None, faults=[]))


def test_the_archive_may_not_have_answered_yet() -> None:
    assert LIVE.summary is not None
    early = LIVE.summary | {"money_today": None, "complete_to": None, "catching_up": None}
    assert "not yet known" in shown(replace(LIVE, summary=early))


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    screen = PlainScreen()
    screen.show(LIVE)
    screen.show(replace(LIVE, seconds=8.0))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "open http://127.0.0.1:1/#token=t"
    assert "497 working, 3 stopped" in told[1]
    assert len(told) == 2


def test_a_missing_java_is_said_in_one_sentence(tmp_path: Path) -> None:
    where = ["--data", str(tmp_path / "demo"), "--port-base", str(free_port_base())]
    done = subprocess.run(
        [sys.executable, "-m", "kmonitor.cli.main", "demo", *where],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"PATH": str(tmp_path / "nothing here"), "JAVA_HOME": ""},
    )
    assert (done.returncode, "apt-get install openjdk" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
