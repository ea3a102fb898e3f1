"""Searches: what an experiment selects and the limit that follows, one a file."""
