"""Alarms as the functions see them: their state by name, in every region they live in."""
