"""Sphinx configuration; the table of published numbers is made at build time."""

import tomllib

from pathlib import Path

from sphinx.application import Sphinx

project = "darkreach"
author = "The darkreach developers"
copyright = "2026, The darkreach developers"

extensions = ["myst_nb", "sphinxcontrib.bibtex"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
bibtex_bibfiles = ["references.bib"]
exclude_patterns = ["_build", "jupyter_execute"]
html_theme = "furo"
html_title = "darkreach"

PUBLISHED = Path(__file__).parent.parent / "tests/validation/published.toml"


def _row(entry: dict) -> str:
    cells = [
        entry["quantity"],
        f"{entry['value']:g}",
        f"{entry['error']:g}" if entry["error"] else "exact",
        f"{entry['tolerance']:g}",
        entry["why"],
        entry["source"],
    ]
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def published_table() -> str:
    """All entries of `published.toml` as a Markdown table."""
    head = ["quantity", "value", "its error", "tolerance", "why", "source"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    entries = tomllib.loads(PUBLISHED.read_text())["published"]
    return "\n".join([*lines, *map(_row, entries)])


def _fill(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = source[0].replace("@PUBLISHED@", published_table())


def setup(app: Sphinx) -> None:
    """Fill the table in when a page is read."""
    app.connect("source-read", _fill)
