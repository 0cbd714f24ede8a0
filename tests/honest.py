"""Whether a service answers as its own OpenAPI document says: what the Schemathesis tests of both share."""

import json
from typing import Any

import schemathesis
from builders import SCHEMAS
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from kmonitor.local.ports import wait_until

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATIENCE_S = 15


def document(service: str) -> Any:
    return json.loads((SCHEMAS / "openapi" / f"{service}.json").read_text("utf-8"))


def contract(service: str, *, every_bound: bool = True) -> OpenApiSchema:
    """The service's calls. `every_bound` False: only random ones, where a call has too many fields for each
    of their bounds."""
    schema = schemathesis.openapi.from_dict(document(service))
    schema.config.phases.coverage.enabled = every_bound
    return schema


def bounded(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


def is_answered(case: Case[Any], url: str, token: str) -> None:
    """By all that the document says. «Not now» is said again, as it tells to be, but never for long."""
    said = {"Authorization": f"Bearer {token}"}
    answers: list[Any] = []

    def is_final() -> bool:
        answers.append(case.call(base_url=url, headers=said))
        return not _is_not_now(answers[-1])

    wait_until(is_final, PATIENCE_S)
    case.validate_response(answers[-1], checks=CHECKS, headers=said)


def _is_not_now(answer: Any) -> bool:
    return bool(answer.status_code == 503 and "retry-after" in answer.headers)
