"""What surrounds the cloud: two environments, the edge, DNS, health checkers and viewers, on loopback."""
