"""Every record, arrival and fault into ClickHouse."""
