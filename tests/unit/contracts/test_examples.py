"""The examples, the codec and the JSON Schemas tell one story."""

from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from examples import FOLDER, Example, of, of_events, of_operations, of_reports, outcome, posted, unreadable

from kmonitor.domain.clock import Clock
from kmonitor.events import schemas
from kmonitor.events.codec import InvalidEvent, decode_event, event_type, read_operation, read_report
from kmonitor.events.log import Reason
from kmonitor.events.schemas import EVENTS, OPERATIONS
from kmonitor.events.upcasters import UPCASTERS


def validator(schema: schemas.Schema) -> jsonschema.Draft202012Validator:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    assert "date-time" in checker.checkers
    return jsonschema.Draft202012Validator(schema, format_checker=checker)


VALIDATORS = {
    **{name: validator(schemas.event(name)) for name in EVENTS},
    **{name: validator(schemas.operation(name)) for name in OPERATIONS},
    "reports": validator(schemas.report()),
}


@pytest.mark.parametrize("example", of_events(), ids=str)
def test_every_event_ever_shown_is_read_as_its_type(example: Example) -> None:
    assert event_type(decode_event(example.raw)) == example.kind
    assert [bytes(raw) for raw in read_report(posted(example.raw)).accepted] == [example.raw.strip()]


@pytest.mark.parametrize("example", of_operations(), ids=str)
def test_every_operation_ever_shown_is_read_as_its_type(example: Example) -> None:
    assert read_operation(example.raw).__struct_config__.tag == example.kind


@pytest.mark.parametrize("example", of_events() + of_operations(), ids=str)
def test_what_is_read_is_what_the_schema_describes(example: Example) -> None:
    VALIDATORS[example.kind].validate(example.said)


@pytest.mark.parametrize("example", unreadable(), ids=str)
def test_what_cannot_be_read_is_refused_with_the_reason_of_its_folder(example: Example) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode_event(example.raw)
    assert refused.value.reason == example.kind
    (told,) = read_report(posted(example.raw)).refused
    assert (told.refusal.reason, told.raw) == (example.kind, example.raw.strip())


@pytest.mark.parametrize(
    "example",
    [each for each in unreadable() if each.kind in ("not_an_object", "unknown_type", "invalid_field")],
    ids=str,
)
def test_what_is_refused_for_what_it_says_the_schema_refuses_too(example: Example) -> None:
    kind = example.said.get("type") if isinstance(example.said, dict) else None
    if kind in EVENTS:
        assert not _is_right(VALIDATORS[str(kind)], example.said)
    report = msgspec.json.decode(posted(example.raw))
    assert not _is_right(VALIDATORS["reports"], report)


@pytest.mark.parametrize("report", of_reports(), ids=str)
def test_a_report_ends_as_is_written_beside_it(report: Example) -> None:
    expected = outcome(report)
    read = read_report(report.raw)
    received_at = msgspec.convert(expected.received_at, type(read.said.sent_at))
    clock = Clock(read.said.sent_at, received_at)
    events = [decode_event(raw) for raw in read.accepted]
    assert len(read.accepted) == expected.accepted
    assert [
        {"index": each.refusal.index, "seq": each.refusal.seq, "reason": each.refusal.reason}
        for each in read.refused
    ] == expected.rejected
    assert clock.is_wrong == expected.clock_is_wrong
    times = [msgspec.convert(time, type(received_at)) for time in expected.event_times]
    assert [clock.event_time(event.at) for event in events] == times
    assert _is_right(VALIDATORS["reports"], report.said) == (not expected.rejected)


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_type_is_shown_plainly_and_in_some_odd_way(name: str) -> None:
    assert len(of(name)) >= 2
    assert "plain" in [each.name for each in of(name)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_shown(name: str) -> None:
    assert "plain" in [each.name for each in of(name)]


def test_no_example_lies_where_nobody_looks() -> None:
    assert {folder.name for folder in (FOLDER / "unreadable").iterdir()} == set(get_args(Reason))
    assert {folder.name for folder in FOLDER.iterdir() if folder.is_dir()} == {
        *EVENTS,
        *OPERATIONS,
        *UPCASTERS,
        "reports",
        "unreadable",
    }


@pytest.mark.parametrize("name", EVENTS | OPERATIONS)
def test_a_schema_is_whole_and_right_by_its_own_rules(name: str) -> None:
    schema = schemas.event(name) if name in EVENTS else schemas.operation(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["type"] == {"const": name}
    assert schema["additionalProperties"] is True
    assert schema["description"], f"{name} has no docstring: say what happened"
    assert schema["$id"].endswith(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("person.registered.v1", {"person": "a", "role": "dealer"}),
        ("person.registered.v1", {"person": "a", "role": "dispatcher", "dealer": "d"}),
        ("service_token.issued.v1", {"role": "dispatcher"}),
        ("service_token.revoked.v1", {}),
        ("procedure.scheduled.v1", {"procedure": "z_report", "every_days": 1, "region": "r", "dealer": "d"}),
        ("rule.changed.v1", {"rule": {}}),
        ("rule.changed.v1", {"rule": {"name": ""}}),
    ],
)
def test_fields_that_do_not_go_together_are_refused_by_codec_and_schema(
    name: str, said: dict[str, Any]
) -> None:
    whole = {"type": name} | said
    with pytest.raises(Exception, match=r"say|dealer|name"):
        read_operation(msgspec.json.encode(whole))
    assert not _is_right(VALIDATORS[name], whole)


def _is_right(validator: jsonschema.Draft202012Validator, said: Any) -> bool:
    return bool(validator.is_valid(said))
