"""What the functions' tests share."""

from __future__ import annotations

from tests.unit.support.gate_rig import gate_rig

__all__ = ["gate_rig"]
