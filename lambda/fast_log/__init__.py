"""Counts what the edge's real-time log tells of each side, within seconds."""
