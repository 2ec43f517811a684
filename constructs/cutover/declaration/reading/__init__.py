"""Reads a declaration that a person wrote: services come out, or a sentence for each fault."""
