"""What stops the local stack for a reason a person can act on."""


class CannotStart(Exception):
    """A missing tool, a taken port, a wrong folder: the message says in one sentence what to do."""
