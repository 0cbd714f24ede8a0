"""What a spool still takes, by how full it is."""

from collections.abc import Sequence
from enum import Enum

from kmonitor.terminal_agent.kinds import EXPENDABLE

NEARLY_FULL = 0.9


class Room(Enum):
    """For everything, for what matters, for nothing."""

    ALL = "all"
    ESSENTIAL = "essential"
    NONE = "none"


def room(used: int, limit: int) -> Room:
    """In bytes. The last tenth is kept for what matters."""
    if used > limit:
        return Room.NONE
    return Room.ESSENTIAL if used > limit * NEARLY_FULL else Room.ALL


def kept(types: Sequence[str], room: Room) -> list[bool]:
    """Which of these events are stored. What was stored before is never given up for them."""
    match room:
        case Room.ALL:
            return [True] * len(types)
        case Room.ESSENTIAL:
            return [type_ not in EXPENDABLE for type_ in types]
        case Room.NONE:
            return [False] * len(types)
