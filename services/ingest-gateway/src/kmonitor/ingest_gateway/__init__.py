"""HTTP in, Kafka out: reports, operations and ticks."""
