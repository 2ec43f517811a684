"""The bake: a promotion waits for it after every weight has moved."""
