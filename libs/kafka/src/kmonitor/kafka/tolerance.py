"""How much unreadable is an accident, and how much is a topic that must not be drained."""

from kmonitor.kafka.errors import KafkaTrouble


class TooMuchPoison(KafkaTrouble):
    """So many records in a row cannot be read that it is no accident: stop, and let someone look."""


class Tolerance:
    """Counts what cannot be read against what can.

    Each poison record weighs 1; each good one takes 1/`forgiveness` of it away. One in 10,000 is forgiven long
    before the next comes; a run of more than `limit` stops the consumer, and since nothing may be committed
    while more than 1 is unforgiven, the consumer that stops has committed at most the first of the run.
    """

    def __init__(self, topic: str, *, limit: int = 50, forgiveness: int = 100) -> None:
        self._topic = topic
        self._limit = limit
        self._forgiveness = forgiveness
        self._debt = 0  # in good records still needed, so that nothing is ever rounded
        self._poison = 0

    @property
    def level(self) -> float:
        """The poison not yet forgiven."""
        return self._debt / self._forgiveness

    @property
    def poison(self) -> int:
        """All the poison records seen so far."""
        return self._poison

    @property
    def may_commit(self) -> bool:
        """Whether what was read may be remembered as read."""
        return self._debt <= self._forgiveness

    def good(self, records: int = 1) -> None:
        """That many records could be read."""
        self._debt = max(0, self._debt - records)

    def bad(self, records: int = 1) -> None:
        """That many could not. Raises TooMuchPoison over the limit."""
        self._poison += records
        self._debt += records * self._forgiveness
        if self._debt > self._limit * self._forgiveness:
            raise TooMuchPoison(
                f"Topic {self._topic}: {self._poison} records cannot be read, too many of them in a row "
                f"(the limit is {self._limit}). Stopped without committing past them: see who writes them and "
                "how, mend the writer or the reader, then start again."
            )
