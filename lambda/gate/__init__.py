"""The gate: every weight waits for it before it moves."""
