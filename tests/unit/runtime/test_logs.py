"""Logs are one JSON object a line, from our own code and, from warnings up, from others'."""

import json
import subprocess
import sys

PROGRAM = """
import logging
from kmonitor.runtime.logs import configure_logs, get_logger
configure_logs("tested", "info")
log = get_logger("sink")
log.info("batch committed", records=5, topic="операции")
log.debug("too fine")
logging.getLogger("kmonitor.kafka").warning("the broker is %s", "away")
logging.getLogger("kmonitor.kafka").info("ours")
logging.getLogger("aiokafka").info("not ours")
logging.getLogger("aiokafka").warning("not ours, but grave")
"""


def test_every_line_is_an_object_that_names_service_and_level() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("batch committed", "info"),
        ("the broker is away", "warning"),
        ("ours", "info"),
        ("not ours, but grave", "warning"),
    ]
    assert {line["service"] for line in lines} == {"tested"}
    assert (lines[0]["records"], lines[0]["topic"], lines[0]["logger"]) == (5, "операции", "kmonitor.sink")
    assert all(line["timestamp"].endswith("Z") for line in lines)
