"""What is watched, from when it is too much, and who hears of it."""
