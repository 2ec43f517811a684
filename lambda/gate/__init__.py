"""The gate: what every weight waits for before it moves."""
