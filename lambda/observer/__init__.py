"""The observer: tells, each minute, what is deployed and what the switch says."""
