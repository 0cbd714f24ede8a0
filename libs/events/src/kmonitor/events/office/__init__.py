"""What the office says: one frozen struct for each operation of the protocol."""
