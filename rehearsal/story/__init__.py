"""`make story`: the whole way from a plain record to old to one to new, with viewers at every door."""
