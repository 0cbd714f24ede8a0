"""Payments into facts and absolute totals."""
