"""`kmonitor up`: one stack, from nothing to ready, until it is told to stop."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping

from kmonitor.local import data_folder
from kmonitor.local.data_folder import Secrets
from kmonitor.local.errors import CannotStart
from kmonitor.local.plan import GATEWAY, QUERY_API, Plan, check_ports, foundations, programs
from kmonitor.local.supervisor import Say, Supervisor


def run(plan: Plan, *, fresh: bool, say: Say, rebuild: bool = False) -> None:
    """Run the stack in the foreground until it is told to stop. Raises CannotStart.

    `rebuild`: forget every derived topic and table first; the services build them again from the log.
    """
    lock = data_folder.claim(plan.folder, fresh=fresh)
    try:
        if data_folder.is_disk_nearly_full(plan.folder):
            raise CannotStart(f"The disk of {plan.folder} has less than 1 GiB free: free some space first.")
        check_ports(plan)
        say(f"starting in {plan.folder}")
        _supervise(plan, say, rebuild)
    finally:
        os.close(lock)


def _supervise(plan: Plan, say: Say, rebuild: bool) -> None:
    secrets = data_folder.keep_secrets(plan.folder)
    file = plan.folder / data_folder.DESCRIPTION
    supervisor = Supervisor(
        plan.logs,
        foundations(plan, say, rebuild=rebuild),
        programs(plan, secrets),
        announce=lambda pids: data_folder.write_private(file, describe(plan, secrets, pids)),
        say=say,
    )
    try:
        asyncio.run(supervisor.run(ready=lambda: say(what_to_open(plan, secrets))))
    finally:
        file.unlink(missing_ok=True)
    say("stopped")


def describe(plan: Plan, secrets: Secrets, pids: Mapping[str, int]) -> dict[str, object]:
    """What stack.json says."""
    return {
        "gateway": plan.url(GATEWAY),
        "query_api": plan.url(QUERY_API),
        "web": plan.url(QUERY_API),
        "kafka": plan.bootstrap,
        "clickhouse": plan.clickhouse_url,
        "admin_token": secrets.admin_token,
        "pids": dict(pids),
    }


def what_to_open(plan: Plan, secrets: Secrets) -> str:
    """For the person who waited."""
    return (
        "everything is ready\n\n"
        f"  the page         {plan.url(QUERY_API)}/#token={secrets.admin_token}\n"
        f"  for terminals    {plan.url(GATEWAY)}/v1/reports\n"
        f"  data and logs    {plan.folder}\n\n"
        "Ctrl-C stops it all.\n"
    )


def progress() -> Callable[[str], None]:
    """A voice that gives the seconds since it was made. A reader that went away does not stop the stack."""
    began = time.monotonic()

    def say(text: str) -> None:
        try:
            sys.stdout.write(f"[{time.monotonic() - began:6.1f} s] {text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still buffered would raise once more at the end.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123

    return say
