"""The command line; every command has `--json` for machines.

Nothing heavy is imported before a command needs it: `--help` does not load JAX.
"""

import dataclasses
import functools
import json

from pathlib import Path
from typing import Annotated, Any

import typer

from darkreach.study.sentences import plainly, run_plainly, say
from darkreach.study.values import SEEDS, InputError

app = typer.Typer(
    name="darkreach",
    help="How far a search for a dark sector can see.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

LAST = SEEDS - 1
Texts = list[str] | None
Settings = Annotated[Texts, typer.Option("--set", help='As model.mass="20 MeV".')]
Minima = Annotated[Texts, typer.Option("--min", help='As E_gamma="10 MeV".')]
Maxima = Annotated[Texts, typer.Option("--max", help='As missing_mass="30 MeV".')]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[
    int, typer.Option("--seed", min=0, max=LAST, help="Same seed, same result.")
]
StudySeed = Annotated[int | None, typer.Option("--seed", min=0, max=LAST, help="Seed.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for results.")]
Fast = Annotated[bool, typer.Option("--fast", help="Fewer events.")]
Plugins = Annotated[Texts, typer.Option("--plugin", help="Module a study may use.")]
RESULTS = Path("results")
JUDGED = "lfv_alp, dark_photon, lepton_scalar or photon_alp."
LEVEL = "Bring all limits to this level, such as 0.95; as published without it."


def _all(names: Texts) -> tuple[str, ...]:
    return tuple(names or ())


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


@app.command("list")
@plainly
def list_names(
    kind: Annotated[str | None, typer.Argument(help="One kind, or all.")] = None,
    *,
    json_output: Json = False,
) -> None:
    """List models, processes, experiments, searches, bounds, targets or studies.

    The sources of the bounds are in --json.
    """
    from darkreach.study.catalogue import KINDS, catalogue

    kinds = [kind] if kind else KINDS
    found = {k: catalogue(k, sources=json_output) for k in kinds}
    if json_output:
        return _print_json(found)
    for name, entries in found.items():
        width = max(map(len, entries), default=0)
        rows = [f"  {n:{width}}  {about}".rstrip() for n, about in entries.items()]
        typer.echo("\n".join([f"{name}:", *(rows or ["  (none)"])]))


@app.command("rate")
@plainly
def rate_command(
    process: Annotated[str, typer.Argument(help="Such as mu_to_e_nu_nu_gamma.")],
    *,
    settings: Settings = None,
    minima: Minima = None,
    maxima: Maxima = None,
    model: Annotated[str | None, typer.Option("--model", help="Model to use.")] = None,
    beam: Annotated[str | None, typer.Option(help="rest or belle2.")] = None,
    polarisation: Annotated[float, typer.Option(help="Along +z, from -1 to 1.")] = 0.0,
    precision: Annotated[float, typer.Option(help="Relative error to reach.")] = 1e-3,
    seed: Seed = 1,
    json_output: Json = False,
) -> None:
    """Width and branching ratio, or cross section, of a process inside cuts."""
    from darkreach.study.cache import keep_compilations
    from darkreach.study.console import progress_bar, show_rate
    from darkreach.study.rates import rate

    keep_compilations()
    with progress_bar("events") as progress:
        found = rate(
            process,
            settings=settings or [],
            minima=minima or [],
            maxima=maxima or [],
            model=model,
            beam=beam,
            polarisation=polarisation,
            precision=precision,
            seed=seed,
            progress=progress,
        )
    if json_output:
        _print_json(dataclasses.asdict(found))
    else:
        show_rate(dataclasses.asdict(found), precision=precision)


@app.command("reach")
@plainly
def reach_command(
    search: Annotated[str, typer.Argument(help="Such as meg2_mu_e_alp_gamma.")],
    *,
    settings: Settings = None,
    masses: Annotated[str | None, typer.Option(help='Such as "0, 10, 20 MeV".')] = None,
    cl: Annotated[float | None, typer.Option(help="Confidence level.")] = None,
    method: Annotated[str | None, typer.Option(help="CLs or Gaussian.")] = None,
    seed: StudySeed = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """How far a search can see, point by point in the mass."""
    given = {"masses": masses, "cl": cl, "method": method, "seed": seed}
    scan = {name: value for name, value in given.items() if value is not None}
    from darkreach.study.load import search_study

    study = search_study(
        search, settings=settings or [], scan=scan, plugins=_all(plugins)
    )
    _run(study, output=output, fast=fast, json_output=json_output)


@app.command("run")
@plainly
def run_command(
    study: Annotated[str, typer.Argument(help="A study file, or the name of ours.")],
    *,
    settings: Settings = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """Run a study file."""
    from darkreach.study.load import load

    loaded = load(study, settings=settings, plugins=_all(plugins))
    _run(loaded, output=output, fast=fast, json_output=json_output)


def _run(study: Any, *, output: Path, fast: bool, json_output: bool) -> None:
    from darkreach.curves.text import to_json
    from darkreach.study.cache import keep_compilations
    from darkreach.study.console import progress_bar, show_curve
    from darkreach.study.run import effective_scale, run

    keep_compilations()
    with progress_bar("points") as progress:
        done = run(study, output=output, fast=fast, progress=progress)
    curve = to_json(done.curve)
    if json_output:
        return _print_json(curve)
    show_curve(curve, effective_scale(done.curve))
    kept = f", {done.reused} points from before" if done.reused else ""
    typer.echo(f"written to {done.folder}{kept}")


@app.command("figures")
@plainly
def figures_command(
    name: Annotated[str | None, typer.Argument(help="A study, or all.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    settings: Annotated[
        Texts, typer.Option("--set", help="As figure.tan_alpha=0.1.")
    ] = None,
    seed: StudySeed = None,
    fast: Fast = False,
    output: Output = RESULTS,
    plugins: Plugins = None,
    json_output: Json = False,
) -> None:
    """Draw one figure, or all."""
    from darkreach.study.catalogue import catalogue

    if every and name is not None:
        raise InputError(f"both {name!r} and --all were given; give one of them")
    if settings and name is None:
        raise InputError(f"--set {settings[0]} needs the name of one study")
    from darkreach.study.cache import keep_compilations
    from darkreach.study.console import progress_bar
    from darkreach.study.run import draw

    keep_compilations()
    how = functools.partial(
        draw, settings=settings, seed=seed, fast=fast, plugins=_all(plugins)
    )
    written: list[str] = []
    for study in [name] if name is not None else list(catalogue("studies")):
        with progress_bar(study) as progress:
            paths = [str(path) for path in how(study, output, progress=progress)]
        written += paths
        if not json_output:
            typer.echo("\n".join(paths))
    if json_output:
        _print_json({"files": written})


@app.command("trigger")
@plainly
def trigger_command(
    experiment: Annotated[str, typer.Argument(help="Such as meg2.")],
    *,
    settings: Settings = None,
    seed: Seed = 1,
    fast: Fast = False,
    output: Output = RESULTS,
    json_output: Json = False,
) -> None:
    """Trigger thresholds against the muon rate that the disk can take."""
    from darkreach.study.cache import keep_compilations
    from darkreach.study.console import progress_bar, show_trigger
    from darkreach.study.run import trigger

    keep_compilations()
    with progress_bar("thresholds") as progress:
        how = functools.partial(trigger, settings=settings or [], seed=seed, fast=fast)
        found = how(experiment, output, progress=progress)
    if json_output:
        return _print_json(found)
    show_trigger(experiment, found)


@app.command("check")
@plainly
def check_command(
    *,
    model: Annotated[str, typer.Option("--model", help=JUDGED)] = "lfv_alp",
    settings: Settings = None,
    pair: Annotated[
        str | None, typer.Option(help="mu-e (default), tau-e or tau-mu, of lfv_alp.")
    ] = None,
    cl: Annotated[float | None, typer.Option(help=LEVEL)] = None,
    json_output: Json = False,
) -> None:
    """Which bounds exclude a point, by how much, and which target it meets.

    Keys of --set of an axion-like particle: model.mass (0), model.f (1e9 GeV), the
    couplings of --pair model.c_v and model.c_a (0, may be complex), those of equal
    leptons model.c_ee, model.c_mumu and model.c_tautau (0), and model.anomaly (0), its
    coupling to photons. Of dark_photon: model.mass (20 MeV) and model.eps (1e-4). Of
    lepton_scalar: model.mass (20 MeV), model.g_s_e, model.g_p_e, model.g_s_mu and
    model.g_p_mu (0). Of photon_alp, with a coupling to photons: model.mass (1 GeV),
    model.g_agamma (1e-3 /GeV), and the dark matter that it may decay to, model.m_chi
    (0), model.y_chi (0) and model.majorana (true).

    Example: darkreach check --set model.mass="20 MeV" --set model.f="1e9 GeV"
    --set model.c_v=1 --set model.c_a=-1 --pair mu-e --cl 0.95

    Example: darkreach check --model dark_photon --set model.mass="20 MeV"
    --set model.eps=1e-3

    Example: darkreach check --model photon_alp --set model.mass="300 MeV"
    --set model.g_agamma="1e-3 /GeV"
    """
    from darkreach.study.cache import keep_compilations
    from darkreach.study.check import as_json, check
    from darkreach.study.check_resonance import check_resonance
    from darkreach.study.console import show_check

    keep_compilations()
    if model == "lfv_alp":
        answer = check(settings=settings or [], pair=pair or "mu-e", cl=cl)
    elif pair is None:
        answer = check_resonance(model, settings=settings or [], cl=cl)
    else:
        raise InputError(f"--pair {pair} is of lfv_alp; leave it out for {model}")
    found = as_json(answer)
    if json_output:
        return _print_json(found)
    show_check(found)


@app.command("cite")
@plainly
def cite_command(
    name: Annotated[str, typer.Argument(help="A search, a study or a bound.")],
    *,
    json_output: Json = False,
) -> None:
    """BibTeX of what a search or a study uses, or of a bound."""
    from darkreach.study.citations import citations

    entries = citations(name)
    if json_output:
        _print_json({"bibtex": entries})
    elif entries:
        typer.echo("\n\n".join(entries))
    else:
        say(f"no BibTeX is recorded for what {name} uses")


def main() -> None:
    """Run the command line."""
    run_plainly(app)
