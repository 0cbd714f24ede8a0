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

__all__ = ["Effects", "Fold", "Message", "PreparingFold", "Publication", "Recall", "UnreadableRecord"]
