"""What it means: registry, terminal, faults, revenue, completeness. Pure."""
