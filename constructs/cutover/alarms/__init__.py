"""What is watched, which value is too much, and who is told."""
