"""The documents that people sign and send, made from the declaration and from what is known."""
