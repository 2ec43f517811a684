"""What AWS says of a side's load balancer."""
