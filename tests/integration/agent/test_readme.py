"""Every command that a vendor reads in the agent's README does what it says, against a real gateway."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
from gateway_process import ADMIN_TOKEN, Gateway, Kiosk

from kmonitor.local.ports import free_ports

README = Path(__file__).parents[3] / "services" / "terminal-agent" / "README.md"
BLOCK = re.compile(r"^```([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISED = re.compile(r"^# (\d{3})$", re.MULTILINE)
ANSWERED = re.compile(r"^(\d{3})$", re.MULTILINE)


def commands() -> str:
    """All of them in their order. What needs root and systemd is marked so, and is not run."""
    blocks = BLOCK.findall(README.read_text("utf-8"))
    assert {language for language, _ in blocks} == {"sh", "sh root"}
    return "".join(text for language, text in blocks if language == "sh")


def said(gateway: Gateway, terminal: str) -> list[tuple[str, int]]:
    """The types and numbers of a terminal's events in the log, each once."""
    logged = [raw for report in Kiosk(gateway, terminal, "").logged() for raw in report.events]
    decoded = [msgspec.json.decode(raw) for raw in logged]
    return list(dict.fromkeys((each["type"], each["seq"]) for each in decoded))


def test_every_command_is_answered_as_the_document_says(kafka: str, tmp_path: Path) -> None:
    with Gateway(kafka, tmp_path) as gateway:
        stack = tmp_path / "var" / "stack" / "stack.json"
        stack.parent.mkdir(parents=True)
        stack.write_text(json.dumps({"gateway": gateway.url, "admin_token": ADMIN_TOKEN}))
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands()],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "PORT": str(free_ports(1)[0])},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert ANSWERED.findall(done.stdout) == PROMISED.findall(commands()), done.stdout + done.stderr
        assert said(gateway, "DEMO-CURL") == [("payment.accepted.v1", 1), ("device.reported.v1", 2)]
        by_agent = said(gateway, "DEMO-AGENT")
    assert [seq for _, seq in by_agent] == list(range(1, len(by_agent) + 1))
    types = [type_ for type_, _ in by_agent]
    assert (types[0], types[-1]) == ("terminal.started.v1", "terminal.stopped.v1")
    assert types.count("device.reported.v1") == 2
    assert "[Service]" in (tmp_path / "kmonitor-agent.service").read_text()
