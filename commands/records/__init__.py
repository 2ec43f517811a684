"""The records of one name in a hosted zone: what stands there, and its exchange for others in one change
batch."""
