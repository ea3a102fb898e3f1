"""BibTeX of what a search or a study uses, without importing it."""

import ast
import re
import tomllib

from pathlib import Path
from typing import Any, Final

from darkreach.study.catalogue import PACKAGE, catalogue, study_path
from darkreach.study.values import unknown

CONSTANT: Final = "BIBTEX"  # a module-level text with BibTeX entries


def citations(name: str) -> list[str]:
    """BibTeX entries of a search or a study, sorted by key.

    They are the `BIBTEX` of every module of ours that it imports, directly or not, and
    the entries of the bounds in its figure.

    Raises:
        InputError: there is no such search or study.
    """
    searches, studies = catalogue("searches"), catalogue("studies")
    modules, texts = set(), []
    if name in searches:
        modules.add(f"darkreach.searches.{name}")
    if name in studies or name.endswith(".toml"):
        table = tomllib.loads(study_path(name).read_text())
        modules |= _used(table)
        texts += [_bound(b) for b in table.get("reach", {}).get("bounds", [])]
    elif name not in searches:
        raise unknown("search or study", name, dict.fromkeys([*searches, *studies]))
    texts += [_constant(module) for module in sorted(_closure(modules))]
    entries = [
        e.strip() for text in texts for e in re.split(r"^(?=@)", text, flags=re.M)
    ]
    return sorted({e for e in entries if e}, key=lambda e: e.partition("{")[2])


def _used(table: dict[str, Any]) -> set[str]:
    """Modules named by `use` anywhere in a table."""
    found = set()
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _used(value)
        elif key == "use":
            found.add(str(value).partition(":")[0])
    return found


def _file(module: str) -> Path | None:
    first, *rest = module.split(".")
    if first != PACKAGE.name:
        return None
    path = PACKAGE.joinpath(*rest)
    found = [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()]
    return found[0] if found and rest else None


def _imports(path: Path) -> set[str]:
    """Our modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if _file(name) is not None}


def _closure(modules: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = {m for m in modules if _file(m) is not None}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        path = _file(module)
        waiting |= (_imports(path) if path else set()) - seen
    return seen


def _constant(module: str) -> str:
    path = _file(module)
    if path is None:
        return ""
    for node in ast.parse(path.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        named = any(isinstance(t, ast.Name) and t.id == CONSTANT for t in targets)
        value = getattr(node, "value", None)
        if named and isinstance(value, ast.Constant):
            return str(value.value)
    return ""


def _bound(name: str) -> str:
    listed = catalogue("bounds")
    if name not in listed:
        raise unknown("bound", name, listed)
    path = PACKAGE / "curves/bounds" / f"{name}.toml"
    return str(tomllib.loads(path.read_text()).get("bibtex", ""))
