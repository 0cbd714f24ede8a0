"""Why the simulator cannot go on: one sentence that says what to do."""


class CannotRun(Exception):
    """The text is for the person who started it."""
