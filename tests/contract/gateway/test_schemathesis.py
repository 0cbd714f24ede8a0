"""Whatever the gateway's own document allows, and what it does not, is answered as the document says."""

from itertools import count
from typing import Any

import httpx
import pytest
from gateway_process import ADMIN_TOKEN, Gateway, Kiosk
from honest import bounded, contract, document, is_answered
from schemathesis import Case

SCHEMA = contract("ingest-gateway")
REPORTS = contract("ingest-gateway", every_bound=False).include(path="/v1/reports")
NUMBERS = count(1)


@pytest.fixture(scope="module")
def known(gateway: Gateway) -> Kiosk:
    """A terminal whose reports are about itself."""
    return Kiosk.registered(gateway, "known-to-schemathesis")


def test_the_document_it_hands_out_is_the_one_in_schemas(gateway: Gateway) -> None:
    assert httpx.get(f"{gateway.url}/openapi.json").json() == document("ingest-gateway")


@SCHEMA.exclude(path="/v1/reports").parametrize()
@bounded(30)
def test_the_office_is_answered_as_the_document_says(case: Case[Any], gateway: Gateway) -> None:
    key = case.headers.get("Idempotency-Key")
    if key:
        # Else most would be refused for a key that was used before.
        case.headers["Idempotency-Key"] = f"{next(NUMBERS)}{key}"
    is_answered(case, gateway.url, ADMIN_TOKEN)


@REPORTS.parametrize()
@bounded(60)
def test_a_terminal_is_answered_as_the_document_says(case: Case[Any], known: Kiosk) -> None:
    if isinstance(case.body, dict) and isinstance(case.body.get("terminal"), str):
        case.body["terminal"] = known.terminal
    is_answered(case, known.gateway.url, known.credential)
