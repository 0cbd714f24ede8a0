"""Why a process cannot even start."""


class CannotStart(Exception):
    """Something a person must change first; the text is one sentence that says what. Exit code 2."""
