"""The access log of an Application Load Balancer: its lines, and where they are."""
