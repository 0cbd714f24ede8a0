"""How a kiosk's own time runs against the wall clock: as it was until now, compressed from then on."""

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Until `anchor` both times are one; after it a kiosk lives `speed` times as fast as the wall clock.

    Its events still carry the wall clock's time, so that no event is ever said to lie in the future.
    """

    anchor: float
    speed: float = 1.0

    def wall(self, own: float) -> float:
        """The wall clock's time of a moment of the kiosk."""
        return own if own <= self.anchor else self.anchor + (own - self.anchor) / self.speed

    def own(self, wall: float) -> float:
        """The kiosk's moment at a time of the wall clock."""
        return wall if wall <= self.anchor else self.anchor + (wall - self.anchor) * self.speed
