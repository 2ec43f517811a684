"""What an account tells of a load balancer, and the declaration that follows from two of them."""
