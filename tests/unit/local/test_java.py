"""Reading a Java's version from what it says of itself."""

import pytest

from kmonitor.local.java import parse_version


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25.0.2" 2026-01-20', 25),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("No Java runtime present", 0),
    ],
)
def test_the_feature_release_is_found(said: str, version: int) -> None:
    assert parse_version(said) == version
