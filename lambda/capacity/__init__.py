"""The capacity keeper: takes away what the gate reserved on new's load balancer when it is not needed any
more."""
