"""Writes what is generated in schemas/: run by `make schemas`, and held against the files by a test."""
