"""Measures Parley beside its peers: every peer in one run, on the same disk and cores."""
