"""Hooks: what people attach to a change of weight, as the gate and the bake call it; docs/hooks.md."""
