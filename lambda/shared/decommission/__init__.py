"""Whether old may leave the doors: the evidence, and what it must show."""
