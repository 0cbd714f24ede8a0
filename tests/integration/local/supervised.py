"""Runs a supervisor over small programs of the test: python supervised.py FOLDER PROGRAMS.

PROGRAMS is JSON: {"foundations": [[name, port, code]…], "services": [[name, port, code]…]}.
The present pids are written to FOLDER/pids.json.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from kmonitor.local import health
from kmonitor.local.child import Program
from kmonitor.local.data_folder import write_private
from kmonitor.local.errors import CannotStart
from kmonitor.local.supervisor import Foundation, Supervisor


def program(name: str, port: int, code: str) -> Program:
    return Program(
        name, [sys.executable, "-c", code, str(port)], lambda: health.is_ok(port, "/"), dict(os.environ)
    )


def main() -> None:
    folder, programs = Path(sys.argv[1]), json.loads(sys.argv[2])
    supervisor = Supervisor(
        folder / "logs",
        [
            Foundation(program(*each), "ground", [sys.executable, "-c", "print('made')"], dict(os.environ))
            for each in programs["foundations"]
        ],
        [program(*each) for each in programs["services"]],
        announce=lambda pids: write_private(folder / "pids.json", dict(pids)),
        say=lambda text: print(text, flush=True),  # noqa: T201
    )
    (folder / "logs").mkdir(exist_ok=True)
    try:
        asyncio.run(supervisor.run(ready=lambda: None))
    except CannotStart as error:
        sys.exit(f"cannot start: {error}")


if __name__ == "__main__":
    main()
