"""What a person declares, one file a key: typed, with bounds, and nothing by default that moves traffic."""
