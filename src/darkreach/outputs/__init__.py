"""Outputs: figures. The only room that imports matplotlib."""
