"""Which keys an object says twice: JSON readers disagree about them, so nobody may send them."""

import json
from contextlib import suppress
from typing import Any

_WHITESPACE = b" \t\r\n"


def may_repeat_keys(raw: bytes, decoded: Any) -> bool:
    """A cheap test that is never wrong when it says no.

    Without whitespace every key stands before `":`, so as many of those as distinct keys means that
    nothing was repeated. A string that holds `":` only makes it say «maybe».
    """
    keys = raw.translate(None, _WHITESPACE).count(b'":')
    # As many keys as the outer two levels hold alone: then nothing is deeper, and nothing was repeated.
    return keys != _outer_keys(decoded) and keys != _distinct_keys(decoded)


def repeated_keys(raw: bytes) -> list[str]:
    """Every repeated key, at any depth; slow, for what `may_repeat_keys` suspects."""
    repeated: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        said: set[str] = set()
        for key, _ in pairs:
            if key in said:
                repeated.append(key)
            said.add(key)

    # What is no JSON at all is said better by whoever decodes it.
    with suppress(ValueError, RecursionError):
        json.loads(raw.decode("utf-8", "replace"), object_pairs_hook=note)
    return repeated


def _outer_keys(value: Any) -> int:
    """The distinct keys of an object and of the objects in its lists, and of nothing deeper."""
    if type(value) is not dict:
        return 0
    lists = [each for each in value.values() if type(each) is list]
    return len(value) + sum([len(item) for each in lists for item in each if type(item) is dict])


def _distinct_keys(value: Any) -> int:
    if isinstance(value, dict):
        inner = sum(_distinct_keys(each) for each in value.values() if isinstance(each, (dict, list)))
        return len(value) + inner
    if isinstance(value, list):
        return sum(_distinct_keys(each) for each in value if isinstance(each, (dict, list)))
    return 0
