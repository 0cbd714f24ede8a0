"""What can be asked of the tables: each question is a value."""
