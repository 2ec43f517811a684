"""A button of the dashboard: what it asks, and how the answer is shown to the person who pressed it."""
