"""The command line; every command has `--json` for machines.

Nothing heavy is imported before a command needs it: `darkreach --help` does not load JAX.
"""

import dataclasses
import functools
import json
import os
import sys

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from darkreach.study.values import InputError

P = ParamSpec("P")
R = TypeVar("R")
INTERRUPTED = 130
INTERRUPTED_TEXT = (
    "interrupted; nothing is half-written, and a scan that is started again continues"
)

app = typer.Typer(
    name="darkreach",
    help="How far a search for a dark sector can see.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Settings = Annotated[
    list[str] | None, typer.Option("--set", help='PATH=VALUE, as model.mass="20 MeV".')
]
Minima = Annotated[
    list[str] | None,
    typer.Option("--min", help='OBSERVABLE=VALUE, as E_gamma="10 MeV".'),
]
Maxima = Annotated[list[str] | None, typer.Option("--max", help="OBSERVABLE=VALUE.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Same seed, same result.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for results.")]
Fast = Annotated[bool, typer.Option("--fast", help="Fewer events.")]
Plugins = Annotated[
    list[str] | None, typer.Option("--plugin", help="Module that a study may use.")
]
RESULTS = Path("results")


def _is_ours(error: BaseException) -> bool:
    """Whether our own code raised it, so that its message is meant for the user."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    package = Path(__file__).resolve().parent
    return trace is not None and Path(trace.tb_frame.f_code.co_filename).is_relative_to(
        package
    )


def _stop(message: str, code: int = 2) -> typer.Exit:
    typer.echo(f"darkreach: {message}", err=True)
    return typer.Exit(code)


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """One sentence on stderr and exit code 2 for what a user can put right."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            raise _stop(INTERRUPTED_TEXT, INTERRUPTED) from None
        except ValueError as error:
            if not isinstance(error, InputError) and not _is_ours(error):
                raise
            raise _stop(str(error)) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f" {error.filename!r}" if error.filename else ""
            raise _stop(f"cannot use the file{where}: {error.strerror}") from None

    return wrapped


def _keep_compilations() -> None:
    """Let JAX keep what it compiled in the user's cache folder."""
    import jax

    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(base) / "darkreach"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # it will compile anew each time, which is only slower
        return
    settings: dict[str, Any] = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
        "jax_compilation_cache_max_size": 1 << 30,
    }
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]


def _all(names: list[str] | None) -> tuple[str, ...]:
    return tuple(names or ())


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


@app.command("list")
@plainly
def list_names(
    kind: Annotated[
        str | None, typer.Argument(help="What; all kinds if left out.")
    ] = None,
    json_output: Json = False,
) -> None:
    """List models, processes, experiments, searches, bounds, targets or studies."""
    from darkreach.study.catalogue import KINDS, catalogue

    found = {k: catalogue(k) for k in ([kind] if kind else KINDS)}
    if json_output:
        _print_json(
            {
                k: [{"name": n, "about": a} for n, a in v.items()]
                for k, v in found.items()
            }
        )
        return
    for name, entries in found.items():
        width = max(map(len, entries), default=0)
        rows = [f"  {n:{width}}  {about}".rstrip() for n, about in entries.items()]
        typer.echo("\n".join([f"{name}:", *(rows or ["  (none)"])]))


@app.command("rate")
@plainly
def rate_command(
    process: Annotated[str, typer.Argument(help="Such as mu_to_e_nu_nu_gamma.")],
    settings: Settings = None,
    minima: Minima = None,
    maxima: Maxima = None,
    model: Annotated[str | None, typer.Option("--model", help="Model to use.")] = None,
    polarisation: Annotated[float, typer.Option(help="Along +z, from -1 to 1.")] = 0.0,
    precision: Annotated[float, typer.Option(help="Relative error to reach.")] = 1e-3,
    seed: Seed = 1,
    json_output: Json = False,
) -> None:
    """Width and branching ratio of a process inside cuts."""
    _keep_compilations()
    from darkreach.study.console import progress_bar, show_pairs
    from darkreach.study.rates import rate

    with progress_bar("events") as progress:
        found = rate(
            process,
            settings=settings or [],
            minima=minima or [],
            maxima=maxima or [],
            model=model,
            polarisation=polarisation,
            precision=precision,
            seed=seed,
            progress=progress,
        )
    if json_output:
        _print_json(dataclasses.asdict(found))
        return
    speed = found.evaluations / found.seconds
    rows = {
        "width": f"{found.width_GeV:.5e} GeV",
        "branching ratio": f"{found.branching_ratio:.5e}",
        "relative error": f"{found.relative_error:.1e} (asked for {precision:.1e})",
        "evaluations": f"{found.evaluations:,}",
        "seconds": f"{found.seconds:.1f}",
        "events/s": f"{speed:.2g}, training and compilation included",
    }
    show_pairs(found.process, rows)


@app.command("reach")
@plainly
def reach_command(
    search: Annotated[str, typer.Argument(help="Such as meg2_mu_e_alp_gamma.")],
    settings: Settings = None,
    masses: Annotated[str | None, typer.Option(help='Such as "0, 10, 20 MeV".')] = None,
    cl: Annotated[float | None, typer.Option(help="Confidence level.")] = None,
    method: Annotated[str | None, typer.Option(help="CLs or Gaussian.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed.")] = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """How far a search can see, point by point in the mass."""
    given = {"masses": masses, "cl": cl, "method": method, "seed": seed}
    scan = {name: value for name, value in given.items() if value is not None}
    _keep_compilations()
    from darkreach.study.load import search_study

    study = search_study(
        search, settings=settings or [], scan=scan, plugins=_all(plugins)
    )
    _run(study, output=output, fast=fast, json_output=json_output)


@app.command("run")
@plainly
def run_command(
    study: Annotated[str, typer.Argument(help="A study file, or the name of ours.")],
    settings: Settings = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """Run a study file."""
    _keep_compilations()
    from darkreach.study.load import load

    loaded = load(study, settings=settings, plugins=_all(plugins))
    _run(loaded, output=output, fast=fast, json_output=json_output)


def _run(study: Any, *, output: Path, fast: bool, json_output: bool) -> None:
    from darkreach.curves.text import to_json
    from darkreach.study.console import progress_bar, show_rows
    from darkreach.study.run import run

    with progress_bar("points") as progress:
        done = run(study, output=output, fast=fast, progress=progress)
    curve = to_json(done.curve)
    if json_output:
        _print_json(curve)
        return
    rows = [
        {
            "mass [MeV]": f"{1e3 * m:g}",
            curve["quantity"]: f"{v:.4g}",
            "MC error": f"{e:.1g}",
        }
        for m, v, e in zip(
            curve["mass"], curve["value"], curve["mc_error"], strict=True
        )
    ]
    level = f"{curve['cl']:.0%} CL, {curve['method']}"
    show_rows(f"{curve['label']} ({curve['convention']}), {level}", rows)
    kept = f", {done.reused} points from before" if done.reused else ""
    typer.echo(f"written to {done.folder}{kept}")


@app.command("figures")
@plainly
def figures_command(
    name: Annotated[
        str | None, typer.Argument(help="A study; all if left out.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed.")] = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """Draw one figure, or all."""
    from darkreach.study.catalogue import catalogue

    if every and name is not None:
        msg = f"both a name ({name!r}) and --all were given; give one of them"
        raise InputError(msg)
    _keep_compilations()
    from darkreach.study.console import progress_bar
    from darkreach.study.run import draw

    written: list[str] = []
    for study in [name] if name is not None else list(catalogue("studies")):
        with progress_bar(study) as progress:
            paths = draw(
                study,
                output,
                seed=seed,
                fast=fast,
                progress=progress,
                plugins=_all(plugins),
            )
        written += map(str, paths)
        if not json_output:
            typer.echo("\n".join(map(str, paths)))
    if json_output:
        _print_json({"files": written})


@app.command("trigger")
@plainly
def trigger_command(
    experiment: Annotated[str, typer.Argument(help="Such as meg2.")],
    settings: Settings = None,
    seed: Seed = 1,
    fast: Fast = False,
    output: Output = RESULTS,
    json_output: Json = False,
) -> None:
    """Trigger thresholds against the muon rate that the disk can take."""
    _keep_compilations()
    from darkreach.study.console import progress_bar, show_pairs
    from darkreach.study.run import trigger

    with progress_bar("thresholds") as progress:
        found = trigger(
            experiment,
            output,
            settings=settings or [],
            seed=seed,
            fast=fast,
            progress=progress,
        )
    if json_output:
        _print_json(found)
        return
    show_pairs(experiment, {name: str(value) for name, value in found.items()})


@app.command("cite")
@plainly
def cite_command(
    name: Annotated[str, typer.Argument(help="A search or a study.")],
    json_output: Json = False,
) -> None:
    """BibTeX of what a search or a study uses."""
    from darkreach.study.citations import citations

    entries = citations(name)
    if json_output:
        _print_json({"bibtex": entries})
        return
    typer.echo("\n\n".join(entries))


def main() -> None:
    """Run the command line."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo(f"darkreach: {INTERRUPTED_TEXT}", err=True)
        sys.exit(INTERRUPTED)
