"""What there is, found by file name; nothing is imported to list it."""

import ast
import importlib
import tomllib

from pathlib import Path
from typing import Any, Final

from darkreach.study.values import InputError, unknown

PACKAGE: Final = Path(__file__).resolve().parent.parent

_FOLDERS: Final = {
    "models": "models",
    "processes": "processes",
    "experiments": "experiments",
    "searches": "searches",
    "targets": "curves/targets",
}
READY: Final = "SEARCH"  # name of a search that needs no class of its own
KINDS: Final = (*_FOLDERS, "bounds", "studies")


def studies_folder() -> Path:
    """`studies/` of the repository, or of the installed package."""
    for folder in (PACKAGE.parent.parent / "studies", PACKAGE / "studies"):
        if folder.is_dir():
            return folder
    msg = "there is no folder of studies: neither in the repository nor in the package"
    raise InputError(msg)


def _named_after(tree: ast.Module, stem: str) -> str:
    """The class that a module is named after, its `SEARCH`, or '' (no Protocol)."""
    wanted = stem.replace("_", "")
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.lower() == wanted:
            bases = {ast.unparse(base) for base in node.bases}
            hidden = "Protocol" in bases or "NamedTuple" in bases
            return "" if hidden else node.name
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == READY:
            return READY
    return ""


def _first_line(tree: ast.Module) -> str:
    return (ast.get_docstring(tree) or "").split("\n", maxsplit=1)[0]


def power_counting(dimension: int, scale: str) -> str:
    """How rates grow below the scale of a portal operator.

    sigma ~ (c / Lambda^(D - 4))^2 s^(D - 5) for an operator of dimension D, far below
    Lambda and above all masses: dimensional analysis, so that low dimensions win.
    """
    power = 2 * (dimension - 4)
    suppression = "" if power == 0 else f" / {scale}^{power}"
    return f"dimension {dimension}, sigma ~ s^{dimension - 5}{suppression}"


def _portal(tree: ast.Module) -> str:
    """Power counting of a model, from the `PORTAL` of its module."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "PORTAL":
            assert node.value is not None
            return power_counting(*ast.literal_eval(node.value))
    return ""


def _about_toml(path: Path, *, sources: bool) -> str:
    """The `label` or `title`, or the first comment, of a TOML file."""
    text = path.read_text()
    table = tomllib.loads(text)
    found = table.get("title") or table.get("label")
    if found:
        source = table.get("source") if sources else None
        return f"{found} ({source})" if isinstance(source, str) else str(found)
    first = text.split("\n", maxsplit=1)[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""


def catalogue(kind: str, *, sources: bool = True) -> dict[str, str]:
    """Names of one kind, with a line about each.

    Args:
        kind: one of `KINDS`.
        sources: whether the line about a bound ends with its source.

    Raises:
        InputError: there is no such kind.
    """
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    if kind in ("bounds", "studies"):
        folder = studies_folder() if kind == "studies" else PACKAGE / "curves/bounds"
        return {
            p.stem: _about_toml(p, sources=sources)
            for p in sorted(folder.glob("*.toml"))
        }
    found = {}
    for path in sorted((PACKAGE / _FOLDERS[kind]).glob("[!_]*.py")):
        tree = ast.parse(path.read_text())
        if kind == "targets" or _named_after(tree, path.stem):
            portal = _portal(tree)
            about = _first_line(tree)
            found[path.stem] = f"{about} {portal}" if portal else about
    return found


def use_of(kind: str, name: str) -> str:
    """`darkreach.module:Name` of a process, model, experiment or search by file name.

    Raises:
        InputError: there is none; the message suggests near names.
    """
    path = PACKAGE / _FOLDERS[kind] / f"{name}.py"
    listed = catalogue(kind)
    if name not in listed:
        singular = {"processes": "process", "searches": "search"}.get(kind, kind[:-1])
        raise unknown(singular, name, listed)
    made = _named_after(ast.parse(path.read_text()), name)
    return f"darkreach.{_FOLDERS[kind]}.{name}:{made}"


def named_class(kind: str, name: str) -> type[Any]:
    """The class of a process, model or experiment, by its file name.

    Raises:
        InputError: there is none; the message suggests near names.
    """
    module, _, made = use_of(kind, name).partition(":")
    found = getattr(importlib.import_module(module), made)
    assert isinstance(found, type)
    return found


def study_path(name: str) -> Path:
    """The file of a study, given by its path or its name.

    Raises:
        InputError: there is none.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if path.is_file():
            return path
        msg = f"there is no study file {name!r}; `darkreach list studies` names ours"
        raise InputError(msg)
    listed = catalogue("studies")
    if name not in listed:
        raise unknown("study", name, listed)
    return studies_folder() / f"{name}.toml"
