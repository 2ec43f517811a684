"""What a sample says and what it does not: intervals and tests, in plain Python, for Lambda has no scipy."""
