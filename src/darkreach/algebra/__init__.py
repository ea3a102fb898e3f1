"""Four-vectors, spinors and the neutrino pair: the algebra of one event."""
