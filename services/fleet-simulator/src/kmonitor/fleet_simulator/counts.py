"""What the simulator did so far, in numbers, and how it says so."""

from dataclasses import dataclass


@dataclass
class Counts:
    """`events` and `reports` were taken (202); the other numbers are attempts that were not, or copies."""

    terminals: int = 0
    registered: int = 0
    events: int = 0
    reports: int = 0
    copies: int = 0
    rejected: int = 0
    waiting: int = 0
    not_now: int = 0
    no_answer: int = 0

    def numbers(self) -> dict[str, int]:
        """For machines, and for the summary."""
        return {
            "terminals": self.terminals,
            "registered": self.registered,
            "events": self.events,
            "reports": self.reports,
            "copies": self.copies,
            "rejected": self.rejected,
            "waiting": self.waiting,
            "not_now": self.not_now,
            "no_answer": self.no_answer,
        }

    def line(self, phase: str, events_a_second: float) -> str:
        """For people."""
        if phase == "register":
            text = f"{phase:9} {self.registered:,} of {self.terminals:,} terminals"
        else:
            text = f"{phase:9} {self.events:>11,} events in {self.reports:,} reports, {events_a_second:,.0f}/s"
        troubles = {
            "copies sent": self.copies,
            "waiting": self.waiting,
            "told to wait": self.not_now,
            "without answer": self.no_answer,
            "REJECTED": self.rejected,
        }
        return text + "".join(f", {number:,} {name}" for name, number in troubles.items() if number)
