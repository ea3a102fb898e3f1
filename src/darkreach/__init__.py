"""darkreach: how far a search for a dark sector can see."""

__version__ = "0.1.0"
