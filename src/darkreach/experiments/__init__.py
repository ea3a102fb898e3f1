"""Experiments: beam, detector and trigger in one dataclass, one a file."""
