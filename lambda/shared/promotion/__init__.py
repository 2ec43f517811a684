"""A promotion, as the gate and the bake are both asked for it."""
