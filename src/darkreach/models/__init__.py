"""Models: one Lagrangian a file; masses, couplings and what follows from them alone."""
