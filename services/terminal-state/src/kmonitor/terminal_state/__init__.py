"""The log folded into the state of each terminal."""
