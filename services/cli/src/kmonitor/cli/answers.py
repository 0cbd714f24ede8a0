"""What the answer of a service means, also where something else answers in its place."""

from typing import Any

import httpx

NOT_NOW = frozenset({429, 502, 503, 504})
NOT_LET_IN = frozenset({401, 403})
AGAIN_S = 0.5
"""After a «not now»."""


class NoAnswer(Exception):
    """A service is away for longer than we wait, or does not let us in; the text says which and what to do."""


def problem(answer: httpx.Response) -> dict[str, Any]:
    """What the service says is wrong, `detail` at least; of an answer that is not its own the status."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if isinstance(said, dict) and "detail" in said:
        return said
    return {"detail": f"HTTP {answer.status_code}"}
