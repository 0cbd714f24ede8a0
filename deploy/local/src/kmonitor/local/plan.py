"""What a stack consists of: programs, their ports, and what each is told."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kmonitor.local import clickhouse_server, health, kafka, kafka_probe, paths
from kmonitor.local.child import Program
from kmonitor.local.data_folder import Secrets
from kmonitor.local.errors import CannotStart
from kmonitor.local.ports import DEFAULT_PORT_BASE, LOOPBACK, PORT_BASES, is_free, wait_until
from kmonitor.local.supervisor import Foundation, Say

PORT_PATIENCE_S = 5.0

QUERY_API = "query-api"
GATEWAY = "ingest-gateway"
KAFKA = "kafka"
KAFKA_CONTROLLER = "kafka-controller"
CLICKHOUSE = "clickhouse"


@dataclass(frozen=True)
class Service:
    """A service of ours: `arguments` are Python's."""

    name: str
    offset: int
    arguments: Sequence[str]


def _service(name: str, offset: int) -> Service:
    return Service(name, offset, ("-m", f"kmonitor.{name.replace('-', '_')}.main"))


ENGINE_OFFSETS = {KAFKA: 2, KAFKA_CONTROLLER: 3, CLICKHOUSE: 4}

SERVICES = (
    _service(QUERY_API, 0),
    _service(GATEWAY, 1),
    _service("terminal-state", 5),
    _service("fault-detector", 6),
    _service("revenue-rollup", 7),
    _service("event-archive", 8),
)


@dataclass(frozen=True)
class Plan:
    """One stack: where its data are and which ports it takes."""

    folder: Path
    port_base: int = DEFAULT_PORT_BASE
    services: Sequence[Service] = SERVICES

    @property
    def ports(self) -> dict[str, int]:
        """The port of each program, by name."""
        offsets = ENGINE_OFFSETS | {service.name: service.offset for service in self.services}
        return {name: self.port_base + offset for name, offset in offsets.items()}

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.ports[KAFKA]}"

    @property
    def clickhouse_url(self) -> str:
        return self.url(CLICKHOUSE)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"


def check_ports(plan: Plan) -> None:
    """Every port is free; those of a stack that was just killed are waited for."""
    if plan.port_base not in PORT_BASES:
        raise CannotStart(f"--port-base must be from {PORT_BASES.start} to {PORT_BASES.stop - 1}.")
    for name, port in plan.ports.items():
        if not wait_until(partial(is_free, port), PORT_PATIENCE_S):
            raise CannotStart(
                f"Port {port} (for {name}) is taken: stop what listens there,"
                " or choose others with --port-base."
            )


def foundations(plan: Plan, say: Say, *, rebuild: bool = False) -> list[Foundation]:
    """The broker with its topics, the engine with its tables; fetches and formats what is missing.

    `rebuild`: what is derived is forgotten first.
    """
    ports, environment = plan.ports, _environment()
    broker = kafka.prepare(plan.folder / KAFKA, ports[KAFKA], ports[KAFKA_CONTROLLER], say)
    return [
        Foundation(
            Program(KAFKA, broker, lambda: kafka_probe.answers(ports[KAFKA]), environment),
            makes="topics",
            preparing=_preparing("topics", plan.bootstrap, rebuild),
            environment=environment,
        ),
        Foundation(
            Program(
                CLICKHOUSE,
                clickhouse_server.command(plan.folder / CLICKHOUSE, ports[CLICKHOUSE]),
                lambda: health.is_ok(ports[CLICKHOUSE], "/ping"),
                environment,
            ),
            makes="tables",
            preparing=_preparing("tables", plan.clickhouse_url, rebuild),
            environment=environment,
        ),
    ]


def programs(plan: Plan, secrets: Secrets) -> list[Program]:
    """The services, each with its own port and folder."""
    return [_program(plan, service, secrets) for service in plan.services]


def _program(plan: Plan, service: Service, secrets: Secrets) -> Program:
    port = plan.ports[service.name]
    data = plan.folder / "services" / service.name
    data.mkdir(parents=True, exist_ok=True)
    told = {
        "KMONITOR_KAFKA": plan.bootstrap,
        "KMONITOR_CLICKHOUSE": plan.clickhouse_url,
        "KMONITOR_HTTP_HOST": LOOPBACK,
        "KMONITOR_HTTP_PORT": str(port),
        "KMONITOR_ADMIN_TOKEN_SHA256": secrets.admin_token_sha256,
        "KMONITOR_SECRET": secrets.secret,
        "KMONITOR_DATA": str(data.resolve()),
        "KMONITOR_INSTANCE": f"{service.name}-1",
    }
    return Program(
        service.name,
        [sys.executable, *service.arguments],
        lambda: health.is_ok(port, "/health/ready"),
        _environment() | told,
    )


def _preparing(what: str, address: str, rebuild: bool) -> list[str]:
    command = [sys.executable, "-m", "kmonitor.local.prepare", what, address, str(paths.schemas_folder())]
    return [*command, "anew"] if rebuild else command


def _environment() -> dict[str, str]:
    return (
        {"KMONITOR_LOG_LEVEL": "info"}
        | os.environ
        | {"KMONITOR_SCHEMAS": str(paths.schemas_folder()), "PYTHONUNBUFFERED": "1"}
    )
