"""What the chart renders: every service, told all it needs, with rights as few as can be."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
import yaml
from deployment import CHART, PREPARE, PREPARES_IN, deployable, read_yaml, settings_told

pytestmark = pytest.mark.skipif(
    shutil.which("helm") is None,
    reason="helm is not on PATH, so the chart is not rendered: go install helm.sh/helm/v4/cmd/helm@latest",
)

RELEASE = "park"
IN_THE_SECRET = {"hmac-secret": "ab" * 32, "admin-token-sha256": "cd" * 32}
WORKLOADS = {"Deployment", "StatefulSet", "Job"}
OURS = sorted(deployable() | {PREPARE})


@lru_cache
def rendered(*settings: str) -> tuple[Any, ...]:
    """The objects that helm would send, with `--set` for each setting."""
    chosen = [part for setting in settings for part in ("--set", setting)]
    done = helm("template", RELEASE, str(CHART), *chosen)
    assert done.returncode == 0, done.stderr
    return tuple(each for each in yaml.safe_load_all(done.stdout) if each)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["helm", *arguments], capture_output=True, text=True, check=False, timeout=60)


def find(kind: str, *settings: str) -> dict[str, Any]:
    """The objects of a kind, by the service they belong to."""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each
        for each in rendered(*settings)
        if each["kind"] == kind
    }


def pods(*settings: str) -> Iterator[tuple[str, Any]]:
    for kind in WORKLOADS:
        for service, workload in find(kind, *settings).items():
            yield service, workload["spec"]["template"]["spec"]


def container(service: str) -> Any:
    [found] = dict(pods())[service]["containers"]
    return found


def value(said: Any) -> str:
    """What the process would see."""
    source = said.get("valueFrom", {})
    if "secretKeyRef" in source:
        return IN_THE_SECRET[source["secretKeyRef"]["key"]]
    return "park-pod-0" if "fieldRef" in source else str(said["value"])


def test_the_linter_has_nothing_to_say() -> None:
    done = helm("lint", "--strict", str(CHART))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_runs_as_what_it_is() -> None:
    facts = read_yaml(CHART / "services.yaml")
    for kind in ("Deployment", "StatefulSet"):
        assert set(find(kind)) == {service for service, is_ in facts.items() if is_["kind"] == kind}
    assert set(find("Service")) == deployable()


@pytest.mark.parametrize("service", OURS)
def test_a_service_would_start_on_what_it_is_told(service: str) -> None:
    settings_told(service, {said["name"]: value(said) for said in container(service)["env"]})


@pytest.mark.parametrize("service", OURS)
def test_a_service_gets_the_secrets_only_if_it_needs_them(service: str) -> None:
    given = {said["name"] for said in container(service)["env"] if "secretKeyRef" in said.get("valueFrom", {})}
    needs = read_yaml(CHART / "services.yaml").get(service, {}).get("secrets", False)
    assert given == ({"KMONITOR_SECRET", "KMONITOR_ADMIN_TOKEN_SHA256"} if needs else set())


@pytest.mark.parametrize("service", OURS)
def test_a_pod_has_as_few_rights_as_can_be(service: str) -> None:
    pod, process = dict(pods())[service], container(service)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert process["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(process["resources"]) == {"requests", "limits"}


@pytest.mark.parametrize("service", sorted(deployable()))
def test_a_service_is_asked_whether_it_lives_and_whether_it_is_ready(service: str) -> None:
    process = container(service)
    assert process["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert process["readinessProbe"]["httpGet"]["path"] == "/health/ready"


def test_topics_and_tables_come_before_the_services_that_use_them() -> None:
    job = find("Job")[PREPARE]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert container(PREPARE)["image"].split(":")[0] == f"kmonitor/{PREPARES_IN}"
    # A hook runs before the chart's own ServiceAccount is there.
    assert "serviceAccountName" not in job["spec"]["template"]["spec"]


def test_only_what_runs_more_than_once_has_a_disruption_budget() -> None:
    assert set(find("PodDisruptionBudget")) == {"ingest-gateway", "query-api"}
    assert "terminal-state" in find("PodDisruptionBudget", "services.terminal-state.replicas=3")


def test_the_chart_makes_no_secret() -> None:
    assert not find("Secret")


def test_a_misspelt_key_stops_helm() -> None:
    done = helm("template", RELEASE, str(CHART), "--set", "services.query-api.replica=3")
    assert done.returncode != 0
    assert "replica" in done.stderr
