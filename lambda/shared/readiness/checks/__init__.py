"""What is checked, one file a check."""
