"""How a side is asked, whatever it answers."""
