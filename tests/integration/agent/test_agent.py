"""The agent as a process, against a real gateway: prompt, honest about trouble, small, orderly at its end."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest
from agent_process import Agent, put
from gateway_process import Gateway, Kiosk, Office

from kmonitor.local.ports import wait_until

MIB = 2**20
JAM = {"type": "device.reported.v1", "device": "receipt_printer", "unit": "printer-1", "condition": "jammed"}


@pytest.fixture(scope="module")
def gateway(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(kafka, tmp_path_factory.mktemp("gateway")) as running:
        yield running


def an_agent(kiosk: Kiosk, folder: Path, **said: object) -> Agent:
    return Agent(kiosk.gateway.url, kiosk.terminal, kiosk.credential, folder, **said)


def types(kiosk: Kiosk) -> list[str]:
    return [msgspec.json.decode(raw)["type"] for report in kiosk.logged() for raw in report.events]


def is_sent(agent: Agent) -> bool:
    status = agent.status()
    return status["queued"] == 0 and status["last_answer"] is not None


def test_what_matters_is_sent_at_once_and_the_end_is_said(gateway: Gateway, tmp_path: Path) -> None:
    kiosk = Kiosk.registered(gateway, "AGENT-LIFE")
    said = {"started_reason": "reboot", "software": "pay 4.1", "timezone": "Europe/Moscow"}
    with an_agent(kiosk, tmp_path, report_interval_s=86_400, **said) as agent:
        assert wait_until(lambda: is_sent(agent), 20)
        assert httpx.post(f"{agent.url}/events", json=JAM).status_code == 202
        assert wait_until(lambda: is_sent(agent), 5)
        put(agent.inbox, "1.json", [JAM])
        assert wait_until(lambda: agent.status()["seq"] == 4 and is_sent(agent), 5)
        assert agent.stop() == 0
    assert types(kiosk) == [
        "terminal.started.v1",
        "terminal.heartbeat.v1",
        "device.reported.v1",
        "device.reported.v1",
        "terminal.stopped.v1",
    ]
    [first, *_] = [msgspec.json.decode(raw) for report in kiosk.logged() for raw in report.events]
    assert (first["reason"], first["software"], first["timezone"]) == ("reboot", "pay 4.1", "Europe/Moscow")


def test_the_interval_of_the_gateways_answer_is_the_heartbeats(gateway: Gateway, tmp_path: Path) -> None:
    kiosk = Kiosk.registered(gateway, "AGENT-BEAT")
    registered = {"type": "terminal.updated.v1", "terminal": kiosk.terminal, "report_interval_s": 1}
    assert Office(gateway).does(registered, "beat-faster").status_code == 202
    with an_agent(kiosk, tmp_path, report_interval_s=86_400) as agent:
        assert wait_until(lambda: agent.status()["seq"] >= 4 and is_sent(agent), 20)
        assert agent.status()["report_interval_s"] == 1
    assert types(kiosk).count("terminal.heartbeat.v1") >= 3


def test_a_revoked_key_is_said_and_costs_nothing(gateway: Gateway, tmp_path: Path) -> None:
    kiosk = Kiosk.registered(gateway, "AGENT-KEY")
    wrong = Kiosk(gateway, kiosk.terminal, "no.such-secret")
    with an_agent(wrong, tmp_path) as agent:
        httpx.post(f"{agent.url}/events", json=JAM)
        assert wait_until(lambda: "401" in agent.status()["troubles"].get("gateway", ""), 20)
        assert agent.status()["queued"] >= 2
    text = agent.log.read_text()
    assert "401" in text
    assert "no.such-secret" not in text
    assert "printer-1" not in text


def test_it_stays_small(gateway: Gateway, tmp_path: Path) -> None:
    kiosk = Kiosk.registered(gateway, "AGENT-SIZE")
    with an_agent(kiosk, tmp_path) as agent:
        for _ in range(20):
            assert httpx.post(f"{agent.url}/events", json=[JAM] * 500).status_code == 202
        assert wait_until(lambda: is_sent(agent), 30)
        assert psutil.Process(agent.pid).memory_info().rss < 60 * MIB
    assert types(kiosk).count("device.reported.v1") == 10_000


def test_a_gateway_far_away_costs_only_time(kafka: str, tmp_path: Path) -> None:
    gateway = Gateway(kafka, tmp_path).start()
    kiosk = Kiosk.registered(gateway, "AGENT-AWAY")
    gateway.kill()
    with an_agent(kiosk, tmp_path) as agent:
        httpx.post(f"{agent.url}/events", json=JAM)
        assert wait_until(lambda: "does not answer" in agent.status()["troubles"].get("gateway", ""), 20)
        with gateway:
            assert wait_until(lambda: is_sent(agent), 20)
            assert agent.status()["troubles"] == {}
            assert "device.reported.v1" in types(kiosk)
