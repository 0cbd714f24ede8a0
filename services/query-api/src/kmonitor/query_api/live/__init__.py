"""What changes, told to everyone who listens: encoded once, resumable, and bounded in memory."""
