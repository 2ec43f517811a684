"""The front doors: what viewers come through, and the switch of each."""
