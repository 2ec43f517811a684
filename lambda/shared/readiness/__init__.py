"""Readiness: compares two whole environments and measures them before any traffic moves.

One code base for the command, the gate and the rehearsal.
"""
