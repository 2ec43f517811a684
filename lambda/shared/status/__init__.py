"""The status: what is declared, deployed and live, and whether they agree."""
