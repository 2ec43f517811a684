"""How things stand: what is declared, deployed and live, and whether they agree."""
