"""The two ways in which ClickHouse says no."""


class NotNow(Exception):
    """ClickHouse is away, restarting or too busy: the same question may be asked again, in place."""


class Refused(Exception):
    """ClickHouse understood, and will never do it: a surprise."""
