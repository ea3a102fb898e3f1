"""From names, TOML and strings to objects, runs and results with their provenance."""
