"""Small sequences of requests that people make: what is declared, and what is carried from step to step."""
