"""The functions of lambda/, one file each, and the rights that each is given."""
