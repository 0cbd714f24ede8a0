"""What is refused, and how: a problem+json that names what to mend, and never a 500."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from query_process import BEARER, QueryApi

READS = (
    "/v1/summary",
    "/v1/terminals",
    "/v1/terminals/none",
    "/v1/terminals/none/events",
    "/v1/faults",
    "/v1/revenue",
    "/v1/payments",
    "/v1/payments/none/none",
    "/v1/completeness",
    "/v1/quarantine",
    "/v1/conditions",
    "/v1/codes",
    "/v1/codes/unknown",
    "/v1/terminals/none/history",
    "/v1/people",
    "/v1/tokens",
    "/v1/audit",
    "/v1/live",
)
NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "'; DROP TABLE events; --",
            "\x00",
            "{limit:UInt32}",
            "1e400",
            "-1",
            str(2**64),
            "WyJ0ZXJtaW5hbHMiLDFd",
            "../..",
            "%",
            "null",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "status",
        "region",
        "dealer",
        "q",
        "limit",
        "cursor",
        "after_",
        "from",
        "to",
        "type",
        "severity",
        "terminal",
        "group_by",
        "author",
        "subject",
    ]
)


@pytest.fixture(scope="module")
def client(query_api: QueryApi) -> Any:
    with httpx.Client(base_url=query_api.url, headers=BEARER, timeout=30) as client:
        yield client


def problem(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["detail"]
    return said


@pytest.mark.parametrize("path", [*READS, "/v1/whatever"])
def test_nothing_under_v1_without_a_token(query_api: QueryApi, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
        answer = httpx.get(query_api.url + path, headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/terminals?status=broken", "status"),
        ("/v1/terminals?limit=1001", "limit"),
        ("/v1/terminals?limit=0", "limit"),
        ("/v1/terminals?limit=x", "limit"),
        ("/v1/terminals?cursor=nonsense", "cursor"),
        ("/v1/terminals?colour=red", "colour"),
        ("/v1/terminals?q=%00", "q"),
        ("/v1/faults?status=closed", "status"),
        ("/v1/faults?severity=huge", "severity"),
        ("/v1/revenue?group_by=terminal,colour", "group_by"),
        ("/v1/revenue?group_by=day,day", "group_by"),
        ("/v1/revenue?from=yesterday", "from"),
        ("/v1/revenue?from=2026-11-22&to=2026-11-21", "to"),
        ("/v1/revenue?as_known_at=2026-11-22", "as_known_at"),
        ("/v1/payments?to=2026-11-22T10:00:00", "to"),
        ("/v1/live?types=gossip", "types"),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, path: str, name: str) -> None:
    said = problem(client.get(path), 400)
    assert said["parameter"] == name
    assert name in said["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/terminals/none",
        "/v1/terminals/none/events",
        "/v1/payments/none/none",
        "/v1/nothing",
        "/v1/",
        "/v1/terminals/%00",
    ],
)
def test_what_is_not_there_is_404_and_never_the_page(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_another_method_is_405(client: httpx.Client) -> None:
    assert client.post("/v1/summary").status_code in (404, 405)


@settings(max_examples=150)
@given(path=st.sampled_from(READS[:-1]), asked=st.dictionaries(NAMES, NASTY, max_size=3))
def test_no_question_is_answered_with_500(client: httpx.Client, path: str, asked: dict[str, str]) -> None:
    answer = client.get(path, params={name: text.encode("utf-8", "replace") for name, text in asked.items()})
    assert answer.status_code in (200, 400, 404), (path, asked, answer.text)
    json.loads(answer.content)


@settings(max_examples=50)
@given(part=NASTY)
def test_no_path_is_answered_with_500(client: httpx.Client, part: str) -> None:
    said = quote(part.encode("utf-8", "replace"), safe="")
    for path in (
        f"/v1/terminals/{said}",
        f"/v1/terminals/{said}/events",
        f"/v1/payments/{said}/{said}",
        f"/{said}",
    ):
        assert client.get(path).status_code < 500, path


def test_openapi_describes_every_read(query_api: QueryApi) -> None:
    document = httpx.get(f"{query_api.url}/openapi.json").json()
    assert {path.replace("none", "{terminal}") for path in READS[:4]} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas
    assert "422" not in text


def test_the_page_is_served_with_a_strict_policy(query_api: QueryApi) -> None:
    page = httpx.get(query_api.url)
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    again = httpx.get(query_api.url, headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    assert httpx.get(f"{query_api.url}/page/nothing.js").status_code == 404
    assert httpx.get(f"{query_api.url}/page/../settings.py").status_code == 404


def test_probes_need_no_token(query_api: QueryApi) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert httpx.get(query_api.url + path).status_code == 200
