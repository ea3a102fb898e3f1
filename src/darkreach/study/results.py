"""Writing results: whole files or none, the same bytes for the same input."""

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import darkreach

from darkreach.study.catalogue import PACKAGE
from darkreach.study.values import InputError


def as_text(value: Any) -> str:
    """JSON with sorted keys, one line break at the end; NaN is refused."""
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its place once the block is done."""
    part = path.with_name(f".part-{path.name}")  # keeps the suffix: it names the format
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write(path: Path, text: str) -> Path:
    """Write a whole text file or nothing."""
    with replacing(path) as part:
        part.write_text(text)
    return path


def prepared(folder: Path) -> Path:
    """Make sure, before anything is computed, that a folder can be written.

    Raises:
        InputError: it cannot.
    """
    probe = folder / ".part-probe"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        msg = (
            f"cannot write to {str(folder)!r} ({reason}); choose another folder with -o"
        )
        raise InputError(msg) from None
    return folder


def source_digest() -> str:
    """A hash of the package's own files: results of other code are not reused."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".toml") and path.is_file():
            digest.update(str(path.relative_to(PACKAGE)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def plugin_digest(name: str) -> str:
    """A hash of the files of a plugin, a module or a package; '' if not found."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        return ""
    path = Path(spec.origin)
    inside = sorted(path.parent.rglob("*.py")) if path.stem == "__init__" else [path]
    digest = hashlib.sha256()
    for file in inside:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _git(*words: str) -> str | None:
    repository = PACKAGE.parent.parent
    git = shutil.which("git")
    if git is None or not (repository / ".git").exists():
        return None
    asked = subprocess.run(
        [git, "--no-optional-locks", "-C", str(repository), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def provenance() -> dict[str, Any]:
    """Which code made a result: version, source digest, commit if there is one."""
    commit = _git("rev-parse", "HEAD")
    if commit is not None and _git("status", "--porcelain", "--", "src"):
        commit += "+changes"
    return {"version": darkreach.__version__, "source": source_digest(), "git": commit}


def machine() -> dict[str, Any]:
    """What it ran on; goes to `log.json`, which may differ between runs."""
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def fingerprint(parts: dict[str, Any]) -> str:
    """A hash of everything that a finished point depends on."""
    return hashlib.sha256(as_text(parts).encode()).hexdigest()[:16]


def load_points(path: Path, mark: str) -> list[dict[str, Any]]:
    """Finished points with this fingerprint; lines that cannot be read do not count."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            row = json.loads(line)
            if isinstance(row, dict) and row.get("fingerprint") == mark:
                found.append(row)
    return found


def save_points(path: Path, rows: list[dict[str, Any]]) -> None:
    """All finished points, one a line."""
    write(path, "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))
