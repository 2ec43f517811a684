"""The end of a cutover: whether anybody still comes through a door, the plain record that is left, and what
stays in the account."""
