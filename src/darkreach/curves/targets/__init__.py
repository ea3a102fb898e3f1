"""Dark-matter targets: where a model gives the observed abundance."""
