"""The chart's values: complete, explained, and closed to what is misspelt."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from deployment import CHART, deployable, read_yaml

from kmonitor.kafka.topics import read_topics
from kmonitor.runtime.schemas import find_schemas

SCHEMA = read_yaml(CHART / "values.schema.json")
VALUES = read_yaml(CHART / "values.yaml")


def refusal(*path: str | int, value: object) -> str:
    """What the schema says when the value stands at that place of otherwise good values."""
    changed: Any = deepcopy(VALUES)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError) as refused:
        jsonschema.validate(changed, SCHEMA)
    return refused.value.message


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every schema of an object, with where it stands."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, inner in schema.items():
            yield from objects(inner, f"{path}/{name}")


def test_the_defaults_are_allowed() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


def test_values_and_facts_name_every_deployable_service_and_no_other() -> None:
    assert set(VALUES["services"]) == deployable()
    assert set(read_yaml(CHART / "services.yaml")) == deployable()
    assert set(SCHEMA["properties"]["services"]["required"]) == deployable()


def test_every_object_is_closed_and_every_key_that_is_not_optional_is_required() -> None:
    for path, schema in objects(SCHEMA):
        if path != "/properties/global":
            assert schema["additionalProperties"] is False, path
            assert set(schema["required"]) == set(schema["properties"]) - {"global"}, path


def test_every_value_is_explained() -> None:
    for path, schema in objects(SCHEMA):
        for name, said in schema.get("properties", {}).items():
            assert "description" in said or "$ref" in said, f"{path}/{name}"


@pytest.mark.parametrize(
    "path",
    [
        ("kafak",),
        ("image", "repository"),
        ("kafka", "bootstrapServers"),
        ("services", "querry-api"),
        ("services", "query-api", "replica"),
        ("services", "query-api", "resources", "request"),
        ("services", "query-api", "resources", "limits", "mem"),
        ("secret", "keys", "token"),
    ],
)
def test_a_misspelt_key_is_refused(path: tuple[str, ...]) -> None:
    assert f"'{path[-1]}' was unexpected" in refusal(*path, value={})


def test_a_wrong_value_is_refused() -> None:
    refusal("kafka", "bootstrap", value="kafka")
    refusal("clickhouse", "url", value="clickhouse:8123")
    refusal("clickhouse", "url", value="http://user:password@clickhouse:8123")
    refusal("services", "query-api", "replicas", value="2")
    refusal("services", "query-api", "resources", "limits", "memory", value="512")
    refusal("secret", "name", value="")


def test_no_more_replicas_than_partitions_are_allowed() -> None:
    topics = {topic.name: topic.partitions for topic in read_topics(find_schemas() / "topics")}
    partitions = topics["kmonitor.terminal-events.v1"]
    for service, facts in read_yaml(CHART / "services.yaml").items():
        if facts["kind"] == "StatefulSet":
            assert "maximum" in refusal("services", service, "replicas", value=partitions + 1)
