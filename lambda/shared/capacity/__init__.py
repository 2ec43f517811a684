"""Capacity of new's load balancer, reserved ahead of a rise and released after it; docs/hooks.md."""
