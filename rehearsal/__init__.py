"""The whole cutover on one machine, on what is deployed."""
