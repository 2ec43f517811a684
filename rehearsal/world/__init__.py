"""What surrounds the cloud: two sides, the edge, DNS, health checkers and viewers, on loopback."""
