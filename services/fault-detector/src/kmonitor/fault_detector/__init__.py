"""The log folded into faults: raised, cleared, silence."""
