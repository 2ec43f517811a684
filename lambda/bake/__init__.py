"""The bake: what a promotion waits for after every weight has moved."""
