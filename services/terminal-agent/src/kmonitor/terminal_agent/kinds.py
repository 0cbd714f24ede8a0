"""Which events cannot wait for the next report, and which can be done without when room is short."""

CAN_WAIT = frozenset(
    {
        "terminal.heartbeat.v1",
        "note.stacked.v1",
        "note.rejected.v1",
        "coin.accepted.v1",
        "consumable.reported.v1",
        "receipt.printed.v1",
        "session.ended.v1",
    }
)
"""They go with the next report; everything else is sent at once, also a type that nobody knows here."""

EXPENDABLE = frozenset({"terminal.heartbeat.v1", "session.ended.v1"})
"""No money and no fault is in them: the first that a nearly full spool leaves out."""
