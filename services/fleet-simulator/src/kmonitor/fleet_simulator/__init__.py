"""A park of any size, with its ground truth."""
