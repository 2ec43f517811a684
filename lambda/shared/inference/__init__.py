"""What a sample shows and what it does not: intervals and tests in plain Python. Lambda has no scipy."""
