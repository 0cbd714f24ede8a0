"""The stack on one machine without Docker: broker, engine, services under one supervisor."""
