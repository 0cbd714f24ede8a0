"""When it happened: event time from the clocks of the terminal and the gateway (protocol, section 1)."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

BELIEVED_SKEW = timedelta(minutes=5)
BACKLOG_INTERVALS = 2.5


class Clock(Struct, frozen=True):
    """The two clocks of one report: the terminal's `sent_at`, and the gateway's `received_at`."""

    sent_at: datetime
    received_at: datetime

    @property
    def skew(self) -> timedelta:
        """How far the terminal's clock is behind; negative when it is ahead."""
        return self.received_at - self.sent_at

    @property
    def is_wrong(self) -> bool:
        return abs(self.skew) > BELIEVED_SKEW

    def event_time(self, at: datetime) -> datetime:
        """UTC: `at` while the terminal's clock is believed, else counted back from `received_at`."""
        if self.is_wrong:
            return (self.received_at - (self.sent_at - at)).astimezone(UTC)
        return at.astimezone(UTC)

    def is_backlog(self, at: datetime, interval_s: int) -> bool:
        """Whether an event is old news by the terminal's own age of it."""
        return (self.sent_at - at).total_seconds() > BACKLOG_INTERVALS * interval_s
