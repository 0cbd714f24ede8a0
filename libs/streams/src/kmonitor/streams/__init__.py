"""The one Faust shell around a fold: publish, then remember, then acknowledge."""

from kmonitor.streams.fold import (
    Effects,
    Fold,
    Message,
    PreparingFold,
    Publication,
    Recall,
    UnreadableRecord,
)
from kmonitor.streams.run import run_stream
from kmonitor.streams.worker import Stream

__all__ = [
    "Effects",
    "Fold",
    "Message",
    "PreparingFold",
    "Publication",
    "Recall",
    "Stream",
    "UnreadableRecord",
    "run_stream",
]
