"""How it travels: producer, batches, quarantine, topics."""
