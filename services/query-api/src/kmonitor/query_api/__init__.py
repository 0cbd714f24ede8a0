"""Reads, the live stream and the page."""
