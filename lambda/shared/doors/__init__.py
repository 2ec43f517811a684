"""The front doors as the functions see them: reading and writing the switch of each."""
