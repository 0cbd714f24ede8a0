"""What a terminal is doing, now and then: its registers, its cash, its one status."""
