"""What the office has said: terminals and their keys, people and their roles, upkeep."""
