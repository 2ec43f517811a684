"""The embedded cloud: MiniStack, and what our templates use that it lacks."""
