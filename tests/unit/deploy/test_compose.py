"""deploy/compose.yaml runs every service, tells each what it needs, and holds no secret."""

import re
from typing import Any

import pytest
from backends import CLICKHOUSE_IMAGE, KAFKA_IMAGE
from deployment import DEPLOY, PREPARE, PREPARES_IN, deployable, read_yaml, settings_told

from kmonitor.runtime.errors import CannotStart

ENGINES = {"kafka": KAFKA_IMAGE, "clickhouse": CLICKHOUSE_IMAGE}
OURS = sorted(deployable() | {PREPARE})
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?P<how>[-?])(?P<text>[^}]*)\}")
ASKED_OF_A_PERSON = {"KMONITOR_SECRET": "ab" * 32, "KMONITOR_ADMIN_TOKEN_SHA256": "cd" * 32}


def services() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(DEPLOY / "compose.yaml")["services"]
    return found


def environment(service: str) -> dict[str, str]:
    """As compose fills it in, when a person gave what is asked."""

    def fill(variable: re.Match[str]) -> str:
        return variable["text"] if variable["how"] == "-" else ASKED_OF_A_PERSON[variable["name"]]

    return {name: VARIABLE.sub(fill, str(value)) for name, value in services()[service]["environment"].items()}


def test_it_runs_the_engines_the_preparation_and_every_deployable_service() -> None:
    assert set(services()) == {*ENGINES, PREPARE, *deployable()}


@pytest.mark.parametrize("service", OURS)
def test_a_service_would_start_on_what_it_is_told(service: str) -> None:
    settings_told(service, environment(service))


def test_a_service_that_is_not_told_all_would_not() -> None:
    told = environment("query-api")
    del told["KMONITOR_SECRET"]
    with pytest.raises(CannotStart, match="KMONITOR_SECRET is missing"):
        settings_told("query-api", told)


@pytest.mark.parametrize("service", OURS)
def test_a_service_waits_for_what_it_stands_on(service: str) -> None:
    conditions = {name: each["condition"] for name, each in services()[service]["depends_on"].items()}
    if service == PREPARE:
        assert conditions == dict.fromkeys(ENGINES, "service_healthy")
    else:
        assert conditions == {PREPARE: "service_completed_successfully"}


@pytest.mark.parametrize("service", OURS)
def test_a_service_is_built_as_itself_and_may_write_nothing_but_tmp(service: str) -> None:
    said = services()[service]
    built = PREPARES_IN if service == PREPARE else service
    assert said["build"]["args"] == {"SERVICE": built}
    assert said["image"].startswith(f"kmonitor/{built}:")
    assert (said["read_only"], said["tmpfs"], said["cap_drop"]) == (True, ["/tmp"], ["ALL"])  # noqa: S108


def test_the_engines_are_those_of_the_tests_keep_their_data_and_are_watched() -> None:
    for name, image in ENGINES.items():
        assert services()[name]["image"] == image
        assert services()[name]["volumes"][0].startswith(f"{name}:/var/lib/")
        assert services()[name]["healthcheck"]["test"]


def test_a_secret_is_asked_of_a_person_and_only_loopback_is_open() -> None:
    for name, said in services().items():
        for variable in ASKED_OF_A_PERSON:
            assert str(said["environment"].get(variable, "${:?}")).startswith("${"), (name, variable)
        assert all(port.startswith("127.0.0.1:") for port in said.get("ports", ())), name
