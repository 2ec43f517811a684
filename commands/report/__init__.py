"""A readiness report, for people, pull requests and machines."""
