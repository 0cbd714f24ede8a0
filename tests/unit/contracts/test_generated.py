"""What is generated in schemas/ is as the types are, whole, and right by its own rules."""

import json
from typing import Any, get_args

import pytest
import yaml
from generate.asyncapi import MESSAGES
from generate.catalogue import fields_of, meaning_in_russian, read_catalogue
from generate.documents import FOLDER, documents, written
from openapi_spec_validator import validate

from kmonitor.events import schemas
from kmonitor.events.log import Reason
from kmonitor.events.schemas import EVENTS, OPERATIONS
from kmonitor.kafka.topics import read_topics

DOCUMENTS = documents()
SAID = read_catalogue(FOLDER)
MEND = "what is generated in schemas/ is not as the types are: run `make schemas` and look at the difference"


def openapi(service: str) -> Any:
    return json.loads(DOCUMENTS[f"openapi/{service}.json"])


def test_every_generated_file_is_as_the_types_are() -> None:
    there = {path: (FOLDER / path).read_text("utf-8") for path in written()}
    differing = sorted(
        path for path in there.keys() | DOCUMENTS.keys() if there.get(path) != DOCUMENTS.get(path)
    )
    assert differing == [], MEND


def test_the_same_documents_are_written_each_time() -> None:
    assert documents() == DOCUMENTS


@pytest.mark.parametrize("name", EVENTS)
def test_the_catalogue_says_in_both_languages_when_to_send_an_event_and_what_each_field_means(
    name: str,
) -> None:
    when = SAID.events[name].when
    assert when.en.endswith(".")
    assert when.ru.endswith(".")
    fields = fields_of(schemas.event(name))
    assert [field.name for field in fields if not field.meaning] == []
    assert [field.name for field in fields if not meaning_in_russian(SAID, name, field.name)] == []
    assert SAID.events[name].fields.keys() <= {field.name for field in fields}


def test_the_catalogue_knows_nothing_that_is_not() -> None:
    assert SAID.events.keys() == EVENTS.keys()
    assert SAID.reasons.keys() == set(get_args(Reason))
    assert "{{" not in DOCUMENTS["README.md"]


@pytest.mark.parametrize("service", ["ingest-gateway", "query-api"])
def test_an_openapi_document_is_valid(service: str) -> None:
    validate(openapi(service))


@pytest.mark.parametrize("service", ["ingest-gateway", "query-api"])
def test_every_call_with_a_token_says_how_it_refuses_and_when_to_come_again(service: str) -> None:
    for path, calls in openapi(service)["paths"].items():
        for method, call in calls.items():
            if path.startswith("/v1/") and method != "delete":
                assert {"400", "401", "403", "503"} <= call["responses"].keys(), path
                assert "Retry-After" in call["responses"]["503"]["headers"], path


def test_the_gateway_lists_every_operation_and_every_event_type() -> None:
    document = openapi("ingest-gateway")
    listed = document["components"]["schemas"]
    assert listed["Operation"]["discriminator"]["mapping"].keys() == OPERATIONS.keys()
    items = listed["ReportBody"]["properties"]["events"]["items"]
    assert items["discriminator"]["mapping"].keys() == EVENTS.keys()
    assert {"/v1/reports", "/v1/operations"} <= document["paths"].keys()


def test_asyncapi_has_every_topic_with_who_writes_and_reads_it() -> None:
    document = yaml.safe_load(DOCUMENTS["asyncapi.yaml"])
    topics = {topic.name: topic for topic in read_topics(FOLDER / "topics")}
    assert document["channels"].keys() == topics.keys() == MESSAGES.keys()
    for name, topic in topics.items():
        ours = {key for key in document["operations"] if key.endswith(f".{name}")}
        expected = {f"{each}.writes.{name}" for each in topic.written_by}
        assert ours == expected | {f"{each}.reads.{name}" for each in topic.read_by}
        assert document["channels"][name]["bindings"]["kafka"]["partitions"] == topic.partitions


@pytest.mark.parametrize("path", ["asyncapi.yaml", "openapi/ingest-gateway.json", "openapi/query-api.json"])
def test_whatever_a_document_refers_to_is_in_it(path: str) -> None:
    document = yaml.safe_load(DOCUMENTS[path])
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(references, part))
    if not isinstance(part, dict):
        return set()
    inner = set().union(*map(references, part.values()))
    return inner | {part["$ref"]} if isinstance(part.get("$ref"), str) else inner
