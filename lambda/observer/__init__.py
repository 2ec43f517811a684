"""The observer: publishes, each minute, what is deployed and what the switch says."""
