"""A real browser, where this machine has one, and what it makes of a page."""
