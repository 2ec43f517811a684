"""Drills: fault after fault against the deployed code, with viewers at both doors, on the wall clock."""
