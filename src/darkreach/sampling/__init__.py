"""Sampling: from points in the unit cube to weighted events."""
