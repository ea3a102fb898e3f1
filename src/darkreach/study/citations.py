"""BibTeX of what a search or a study uses, or of a bound, without importing it."""

import ast
import re
import tomllib

from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Final

from darkreach.study.catalogue import PACKAGE, catalogue, study_path
from darkreach.study.values import InputError, closest, unknown

CONSTANT: Final = "BIBTEX"  # of a module: BibTeX entries as a text or a tuple of texts
DRAWS: Final = "darkreach.curves.text.load_bounds"  # in modules that draw all bounds
LOADS: Final = "load_bound"  # of one bound, by its name
SHOWN: Final = ("bound", "projection")


def citations(name: str) -> list[str]:
    """BibTeX entries of a search, a study or a bound, sorted by key.

    They are the `BIBTEX` of its own module and of every module of ours that this
    imports, directly or not (experiment, process, model), and the entries of the bounds
    in its figure: those that a study names, those that a module loads by name, and all
    bounds and projections where a module loads them all. Of two entries with the same
    key the bound's counts.

    Raises:
        InputError: there is no such search, study or bound.
    """
    searches, studies = catalogue("searches"), catalogue("studies")
    bounds = catalogue("bounds")
    modules, texts = set(), []
    if name in searches:
        modules.add(f"darkreach.searches.{name}")
    if name in studies or name.endswith(".toml"):
        table = tomllib.loads(study_path(name).read_text())
        modules |= _used(table)
        texts += [_bound(b) for b in table.get("reach", {}).get("bounds", [])]
    elif name in bounds:
        texts.append(_bound(name))
    elif name not in searches:
        near = closest(name, [*searches, *studies, *bounds])
        msg = f"unknown search or study or bound {name!r}{near} (`list` names them)"
        raise InputError(msg)
    closure = sorted(_closure(modules))
    for module in closure:
        texts += [_bound(b) for b in _loaded(module)]
    for module in closure:
        texts += _constant(module)
    found: dict[str, str] = {}
    for entry in re.split(r"^(?=@)", "\n".join(texts), flags=re.M):
        found.setdefault(entry.partition("{")[2].partition(",")[0], entry.strip())
    return [found[key] for key in sorted(found) if found[key]]


def _used(table: dict[str, Any]) -> set[str]:
    """Modules named by `use` anywhere in a table."""
    found = set()
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _used(value)
        elif key == "use":
            found.add(str(value).partition(":")[0])
    return found


def _plugin(name: str) -> Path | None:
    """The folder of a user's package, or the path of a user's module without suffix."""
    spec = PathFinder.find_spec(name) if name.isidentifier() else None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin)
    return path.parent if path.stem == "__init__" else path.with_suffix("")


def _file(module: str) -> Path | None:
    """The file of a module; only found, not run."""
    first, *rest = module.split(".")
    path = PACKAGE if first == PACKAGE.name else _plugin(first)
    if path is None:
        return None
    path = path.joinpath(*rest)
    found = [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()]
    return found[0] if found and (rest or first != PACKAGE.name) else None


def _imports(path: Path) -> set[str]:
    """Our modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name for name in found if name.startswith(f"{PACKAGE.name}.")}
    return {name for name in ours if _file(name) is not None}


def _closure(modules: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = {m for m in modules if _file(m) is not None}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        path = _file(module)
        waiting |= (_imports(path) if path else set()) - seen
    return seen


def _constant(module: str) -> list[str]:
    """The texts of a module's `BIBTEX`; none where it has no such constant."""
    path = _file(module)
    for node in ast.parse(path.read_text()).body if path else ():
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(t, ast.Name) and t.id == CONSTANT for t in targets):
            return _texts(getattr(node, "value", None), module)
    return []


def _texts(value: ast.expr | None, module: str) -> list[str]:
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
    texts = [p.value for p in parts if isinstance(p, ast.Constant)]
    if len(texts) < len(parts) or not all(isinstance(text, str) for text in texts):
        msg = f"{module}.{CONSTANT} cannot be read; expected a text or a tuple of texts"
        raise InputError(msg)
    return [str(text) for text in texts]


def _loaded(module: str) -> list[str]:
    """Bounds that a module loads: some by name, or all that exclude or may do so."""
    path = _file(module)
    if path is None or not path.is_relative_to(PACKAGE) or module in DRAWS:
        return []
    tree = ast.parse(path.read_text())
    names = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if DRAWS in names:
        listed = PACKAGE / "curves/bounds"
        tables = {p.stem: tomllib.loads(p.read_text()) for p in listed.glob("*.toml")}
        return sorted(n for n, table in tables.items() if table["kind"] in SHOWN)
    return [
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == LOADS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def _bound(name: str) -> str:
    listed = catalogue("bounds")
    if name not in listed:
        raise unknown("bound", name, listed)
    path = PACKAGE / "curves/bounds" / f"{name}.toml"
    return str(tomllib.loads(path.read_text()).get("bibtex", ""))
