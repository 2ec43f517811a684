"""What `cutover watch` reads, and how it is shown."""
