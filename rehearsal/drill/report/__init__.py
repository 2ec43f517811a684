"""How the drills came out, for people."""
