"""What the one Dockerfile promises, as far as its text and the services' own files can show it."""

import re
import subprocess
import sys
import tomllib
from typing import Any

from deployment import DEPLOY, PREPARES_IN, ROOT, deployable


def pyproject(service: str) -> Any:
    return tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text("utf-8"))


def test_every_deployable_service_can_be_built_and_started_by_its_name() -> None:
    for service in deployable():
        assert pyproject(service)["project"]["name"] == f"kmonitor-{service}"
        main = f"services/{service}/src/kmonitor/{service.replace('-', '_')}/main.py"
        assert 'if __name__ == "__main__":' in (ROOT / main).read_text("utf-8"), main


def test_the_job_that_prepares_finds_its_libraries_in_the_image_it_runs_in() -> None:
    needed = {
        f"kmonitor-{library}"
        for library in re.findall(
            r"^from kmonitor\.(\w+)", (DEPLOY / "prepare.py").read_text("utf-8"), re.MULTILINE
        )
    }
    assert needed <= set(pyproject(PREPARES_IN)["project"]["dependencies"])


def test_the_job_that_prepares_says_what_is_missing_and_that_a_person_must_act() -> None:
    done = subprocess.run(
        [sys.executable, DEPLOY / "prepare.py"], env={}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "KMONITOR_CLICKHOUSE is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_last_stage_runs_as_a_numeric_user_and_installs_nothing() -> None:
    last = (DEPLOY / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]
    assert re.search(r"^USER \d+:\d+$", last, re.MULTILINE)
    assert "RUN " not in last


def test_the_image_is_built_from_a_list_of_what_may_enter_it() -> None:
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source
        for sources in re.findall(
            r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
        )
        for source in sources.split()
    }
    assert "*" in rules
    assert copied == allowed
