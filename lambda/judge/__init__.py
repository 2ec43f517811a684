"""The judge: compares, each minute, new with old while both carry traffic."""
