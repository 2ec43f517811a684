"""Declarations, and pipelines to copy; tests hold each of them."""
