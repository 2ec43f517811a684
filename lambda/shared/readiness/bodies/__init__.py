"""How two bodies are compared."""
