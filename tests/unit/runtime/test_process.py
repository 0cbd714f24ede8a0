"""A process ends with the code that says why."""

import json
import signal
import subprocess
import sys

import pytest

PLAIN = """
from kmonitor.runtime.process import run
from kmonitor.runtime.errors import CannotStart
def main(stop):
    {body}
run("tested", main)
"""
ASYNC = """
import asyncio
from kmonitor.runtime.process import run_async
from kmonitor.runtime.errors import CannotStart
async def main():
    {body}
run_async("tested", main)
"""


def start(program: str, body: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program.format(body=body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("program", "body"),
    [
        (PLAIN, "print('up', flush=True); stop.wait(); print('clean', flush=True)"),
        (
            ASYNC,
            "print('up', flush=True)\n"
            "    try: await asyncio.Event().wait()\n"
            "    finally: print('clean', flush=True)",
        ),
    ],
    ids=["plain", "asyncio"],
)
def test_asked_to_stop_it_cleans_up_and_ends_with_0(program: str, body: str, number: signal.Signals) -> None:
    process = start(program, body)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out.startswith("clean\n")


@pytest.mark.parametrize("program", [PLAIN, ASYNC], ids=["plain", "asyncio"])
def test_a_setting_that_is_wrong_ends_it_with_2_and_the_sentence_last(program: str) -> None:
    process = start(program, "raise CannotStart('KMONITOR_KAFKA is missing: set it.')")
    _, error = process.communicate(timeout=20)
    assert process.returncode == 2
    assert error.splitlines()[-1] == "KMONITOR_KAFKA is missing: set it."


@pytest.mark.parametrize("program", [PLAIN, ASYNC], ids=["plain", "asyncio"])
def test_a_surprise_ends_it_with_1_and_a_traceback_without_values(program: str) -> None:
    process = start(program, "text = 'the text of an event'; 1 / 0")
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    said = json.loads(out.splitlines()[-1])
    assert (said["level"], said["service"]) == ("error", "tested")
    assert "ZeroDivisionError" in json.dumps(said)
    assert "the text of an event" not in out


@pytest.mark.parametrize("program", [PLAIN, ASYNC], ids=["plain", "asyncio"])
def test_ending_without_being_asked_is_a_surprise(program: str) -> None:
    process = start(program, "return")
    process.communicate(timeout=20)
    assert process.returncode == 1
