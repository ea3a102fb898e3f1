"""Curves: reaches, published bounds and dark-matter targets, as plain data."""
