"""The constructs and the typed declaration of a traffic cutover."""
