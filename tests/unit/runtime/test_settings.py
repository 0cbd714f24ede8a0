"""A wrong or missing setting is refused in one sentence that says what to do."""

from pathlib import Path

import pytest

from kmonitor.runtime.errors import CannotStart
from kmonitor.runtime.settings import ClickHouseUrl, Secret, ServiceSettings, TokenHash, load

GIVEN = {
    "KMONITOR_KAFKA": "127.0.0.1:9092",
    "KMONITOR_INSTANCE": "test-0",
    "KMONITOR_HTTP_PORT": "18080",
    "KMONITOR_CLICKHOUSE": "http://127.0.0.1:8123/",
    "KMONITOR_SECRET": "ab" * 32,
    "KMONITOR_ADMIN_TOKEN_SHA256": "CD" * 32,
}


class Settings(ServiceSettings):
    clickhouse: ClickHouseUrl
    secret: Secret
    admin_token_sha256: TokenHash


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCHEMAS", "DATA", "LOG_LEVEL", "REPLICATION", "HTTP_HOST"):
        monkeypatch.delenv(f"KMONITOR_{name}", raising=False)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


def test_what_is_given_is_read_and_the_rest_has_its_default() -> None:
    settings = load(Settings)
    assert settings.kafka == "127.0.0.1:9092"
    assert settings.clickhouse == "http://127.0.0.1:8123"
    assert settings.secret == b"\xab" * 32
    assert settings.admin_token_sha256 == "cd" * 32
    assert (settings.http_host, settings.replication, settings.log_level) == ("127.0.0.1", 1, "info")
    assert (settings.schemas / "topics").is_dir()


@pytest.mark.parametrize("name", GIVEN)
def test_a_missing_one_is_named_with_what_to_set_it_to(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(CannotStart, match=rf"^{name} is missing: set it to .*\.$"):
        load(Settings)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("KMONITOR_KAFKA", "localhost", "must be host:port"),
        ("KMONITOR_CLICKHOUSE", "127.0.0.1:8123", "must be http://host:port"),
        ("KMONITOR_HTTP_PORT", "eighty", "valid integer"),
        ("KMONITOR_HTTP_PORT", "70000", "less than or equal to 65535"),
        ("KMONITOR_SECRET", "hunter2", "64 hexadecimal digits"),
        ("KMONITOR_ADMIN_TOKEN_SHA256", "hunter2", "64 hexadecimal digits"),
        ("KMONITOR_INSTANCE", "a b", "letters, digits"),
        ("KMONITOR_LOG_LEVEL", "loud", "'debug', 'info'"),
        ("KMONITOR_REPLICATION", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_one_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart) as refusal:
        load(Settings)
    assert str(refusal.value).startswith(f"{name} is wrong: ")
    assert complaint in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_all_wrong_ones_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KMONITOR_KAFKA")
    monkeypatch.delenv("KMONITOR_INSTANCE")
    with pytest.raises(CannotStart, match=r"KMONITOR_KAFKA .*; KMONITOR_INSTANCE .*"):
        load(Settings)


def test_a_schemas_folder_that_is_said_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KMONITOR_SCHEMAS", str(tmp_path))
    assert load(Settings).schemas == tmp_path


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(load(Settings))
    assert "xab" not in shown
    assert "cdcd" not in shown
