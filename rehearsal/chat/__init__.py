"""A chat service of our own, which is both sides of a rehearsal, and people who use it."""
