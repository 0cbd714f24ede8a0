"""Which ports a stack takes, and what it tells its services and its people."""

import hashlib
import socket
from pathlib import Path

import pytest

from kmonitor.local import plan as plans
from kmonitor.local.data_folder import Secrets
from kmonitor.local.errors import CannotStart
from kmonitor.local.plan import SERVICES, Plan, check_ports, programs
from kmonitor.local.ports import LOOPBACK, free_ports
from kmonitor.local.stack import free_port_base
from kmonitor.local.up import describe

SECRETS = Secrets(admin_token="token", secret="00" * 32)


def test_the_ports_of_a_stack_are_different_and_next_to_each_other() -> None:
    ports = Plan(Path(), 20_000).ports.values()
    assert sorted(ports) == list(range(20_000, 20_000 + len(SERVICES) + 3))


def test_stacks_ten_ports_apart_live_side_by_side() -> None:
    assert not set(Plan(Path(), 20_000).ports.values()) & set(Plan(Path(), 20_010).ports.values())


def test_stack_json_says_where_everything_is() -> None:
    assert describe(Plan(Path(), 20_000), SECRETS, {"kafka": 7}) == {
        "gateway": "http://127.0.0.1:20001",
        "query_api": "http://127.0.0.1:20000",
        "web": "http://127.0.0.1:20000",
        "kafka": "127.0.0.1:20002",
        "clickhouse": "http://127.0.0.1:20004",
        "admin_token": "token",
        "pids": {"kafka": 7},
    }


def test_a_service_is_told_its_settings_and_never_the_token_itself(tmp_path: Path) -> None:
    for program in programs(Plan(tmp_path, 20_000), SECRETS):
        told = {name: value for name, value in program.environment.items() if name.startswith("KMONITOR_")}
        assert told["KMONITOR_ADMIN_TOKEN_SHA256"] == hashlib.sha256(b"token").hexdigest()
        assert told["KMONITOR_KAFKA"] == "127.0.0.1:20002"
        assert told["KMONITOR_INSTANCE"].startswith(program.name)
        assert Path(told["KMONITOR_DATA"]).is_dir()
        assert "token" not in told.values()


def test_a_taken_port_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "PORT_PATIENCE_S", 0.1)
    base = free_port_base()
    with socket.socket() as other:
        other.bind((LOOPBACK, base + 1))
        other.listen()
        with pytest.raises(CannotStart, match=rf"Port {base + 1} \(for ingest-gateway\).*--port-base"):
            check_ports(Plan(Path(), base))


def test_a_port_base_in_the_kernels_own_range_is_refused() -> None:
    with pytest.raises(CannotStart, match="--port-base"):
        check_ports(Plan(Path(), 40_000))


def test_free_ports_are_different() -> None:
    assert len(set(free_ports(5))) == 5
