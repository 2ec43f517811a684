"""The pin function: signs a tester's way to one side."""
