"""What happened: the event types, their codec and their JSON Schemas."""
