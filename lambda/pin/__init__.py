"""The pin function: signs a cookie that takes a tester to one side."""
