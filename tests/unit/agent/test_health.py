"""What the agent says of its computer and of itself."""

import logging
from pathlib import Path

import msgspec
import pytest
from unit.agent.kiosk import a_spool, an_intake, waiting

from kmonitor.events.codec import decode_event
from kmonitor.events.life import TerminalHeartbeat
from kmonitor.terminal_agent.computer import Computer
from kmonitor.terminal_agent.status import Status


def test_a_heartbeat_is_one_of_the_contract_and_says_what_can_be_known(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        an_intake(spool).say("terminal.heartbeat.v1", **Computer(tmp_path).health())
        [said] = waiting(spool)
    beat = decode_event(msgspec.json.encode(said))
    assert isinstance(beat, TerminalHeartbeat)
    assert None not in (beat.uptime_s, beat.cpu_percent, beat.memory_percent, beat.disk_free_mb)
    assert "temperature_c" not in said or beat.temperature_c is not None


def test_a_trouble_is_logged_when_it_comes_and_when_it_goes(caplog: pytest.LogCaptureFixture) -> None:
    status = Status(60)
    with caplog.at_level(logging.INFO, "kmonitor.agent"):
        for trouble in (None, "away", "away", None, None):
            status.report("gateway", trouble)
    assert [each.message for each in caplog.records] == ["gateway: away", "gateway: well again"]
    assert status.troubles == {}
    assert status.last_error is not None
    assert status.last_error.says == "gateway: away"
