"""What is left of old once nobody asks it: what can be deleted, in which order, and what it costs."""
