"""The one Faust shell around a fold."""
