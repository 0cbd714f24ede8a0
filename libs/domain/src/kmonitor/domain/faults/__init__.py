"""What is broken: what units say, what it means, and when it is raised and cleared."""
