"""What the functions share, and the commands with them."""
