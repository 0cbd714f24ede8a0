"""What keeps the agent from starting, and from taking an event."""


class CannotRun(Exception):
    """Something a person must change first; the text is one sentence that says what. Exit code 2."""


class Unfit(Exception):
    """A hand-over that can never be read: nothing of it was taken. `index` is where the fault lies in it."""

    def __init__(self, detail: str, index: int | None = None) -> None:
        super().__init__(detail if index is None else f"event {index}: {detail}")
        self.index = index


class KeyReused(Exception):
    """The key of an earlier hand-over came with other content: nothing was taken."""


class SpoolFull(Exception):
    """There is no room: nothing was taken; the same hand-over may fit later."""


class Ending(Exception):
    """The agent is about to end: nothing was taken; the next one will take it."""
