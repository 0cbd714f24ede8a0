"""Troubles with a known truth: each bends the lives of the terminals that it is about."""
