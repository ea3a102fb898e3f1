"""Processes: external states and the tree-level amplitude of one event, one a file."""
