"""A sink as a process of its own, as in production."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from builders import SCHEMAS

from kmonitor.local import processes
from kmonitor.local.health import is_ok
from kmonitor.local.ports import free_ports, wait_until

START_S = 30.0


class SinkService:
    """`with SinkService("revenue_rollup", kafka, clickhouse, folder) as service`: ready when it enters."""

    def __init__(self, module: str, kafka: str, clickhouse: str, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self.log = folder / f"{module}.log"
        self._command = [sys.executable, "-m", f"kmonitor.{module}.main"]
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {
            "KMONITOR_KAFKA": kafka,
            "KMONITOR_CLICKHOUSE": clickhouse,
            "KMONITOR_INSTANCE": f"{module}-0",
            "KMONITOR_HTTP_PORT": str(self.port),
            "KMONITOR_SCHEMAS": str(SCHEMAS),
        }

    def start(self) -> Self:
        self._process = processes.spawn(self._command, log=self.log, env=self._environment)
        if not wait_until(lambda: self.says_ok("/health/ready"), START_S):
            raise AssertionError(f"the service did not start:\n{processes.last_lines(self.log, 20)}")
        return self

    def says_ok(self, probe: str) -> bool:
        return is_ok(self.port, probe)

    def kill(self) -> None:
        assert self._process is not None
        processes.kill(self._process)

    def stop(self) -> int:
        assert self._process is not None
        processes.stop(self._process)
        return int(self._process.returncode)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
