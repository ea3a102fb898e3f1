"""What a person sees: small tables on stdout, progress with time left on stderr."""

import contextlib

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from darkreach.study.answers import COUPLING, DECAY_CONSTANT, Axis, times


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while the block runs; none without a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(label, total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield progress


def show_pairs(title: str, pairs: Mapping[str, str]) -> None:
    """Names and values, one a row."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in pairs.items():
        table.add_row(Text(name), value)  # no markup: units are in [brackets]
    Console().print(table)


def show_trigger(name: str, plane: Mapping[str, Any]) -> None:
    """The plane of photon threshold and muon rate."""
    table = Table(
        title=f"{name}: muon rate that writes {plane['budget']:g} Hz",
        title_justify="left",
    )
    for head in ("threshold [MeV]", "mu+/s", "accidentals x2, /2", "radiative share"):
        table.add_column(head, justify="right")
    keys = ("thresholds", "rates", "low", "high", "radiative_per_muon")
    rows = zip(*(plane[key] for key in keys), strict=True)
    for threshold, rate, low, high, radiative in rows:
        share = radiative * rate / plane["budget"]
        band = f"{low:.2e}, {high:.2e}"
        table.add_row(f"{threshold:g}", f"{rate:.2e}", band, f"{share:.0%}")
    console = Console()
    console.print(table)
    console.print("written:", *plane["files"], sep="\n", soft_wrap=True)


def show_rate(rate: Mapping[str, Any], *, precision: float) -> None:
    """The fields of `rate --json`, with the precision asked for and the speed."""
    speed = rate["evaluations"] / rate["seconds"]
    error = rate["relative_error"]
    missed = "" if error <= precision else ": not reached"
    if "cross_section_fb" in rate:
        found = {"cross section": f"{rate['cross_section_fb']:.5g} fb"}
    else:
        width, ratio = rate["width_GeV"], rate["branching_ratio"]
        found = {"width": f"{width:.5e} GeV", "branching ratio": f"{ratio:.5e}"}
    pairs = {
        **found,
        "relative error": f"{error:.1e} (asked for {precision:.1e}{missed})",
        "evaluations": f"{rate['evaluations']:,}",
        "seconds": f"{rate['seconds']:.1f}",
        "events/s": f"{speed:.2g}, training and compilation included",
    }
    show_pairs(str(rate["process"]), pairs)


def show_curve(curve: Mapping[str, Any], scale: Sequence[float] | None = None) -> None:
    """A curve, as its JSON has it, with the MC error of each point.

    Args:
        curve: the JSON.
        scale: the same limits as F [GeV], where they have one.
    """
    title = f"{curve['label']}: {curve['cl']:.0%} CL, {curve['method']}"
    title += f", {curve['chirality']} coupling" if curve["chirality"] else ""
    table = Table(title=title, title_justify="left")
    unit = "" if curve["units"]["value"] == "1" else f" [{curve['units']['value']}]"
    for name in ("mass [MeV]", f"{curve['quantity']}{unit}", "MC error"):
        table.add_column(name, justify="right")
    columns = [curve["mass"], curve["value"], curve["mc_error"]]
    if scale is not None:
        table.add_column("F [GeV]", justify="right")
        columns.append(scale)
    for mass, value, error, *rest in zip(*columns, strict=True):
        also = [f"{x:.3g}" for x in rest]
        table.add_row(f"{1e3 * mass:g}", f"{value:.4g}", f"{error:.1g}", *also)
    Console().print(table)
    said = (curve["convention"], curve["exposure"])
    Console().print("; ".join(text for text in said if text))


def show_check(found: Mapping[str, Any]) -> None:
    """The fields of `check --json`: the point, who judges it, and the answer."""
    units = {"_per_GeV": " [1/GeV]", "_GeV": " [GeV]", "_s": " [s]", "_m": " [m]"}

    def named(name: str) -> str:
        ending = next((e for e in units if name.endswith(e)), "")
        plain = name.removesuffix(ending).replace("f_over_C", "f_a / C")
        return plain.replace("_ratio", " ratio") + units.get(ending, "")

    given = {k: v for k, v in found["model"].items() if v or k in ("mass", "f")}
    pairs = {k: _given(k, v) for k, v in given.items()}
    pairs |= {"mass": _mass(given["mass"])}
    axis = DECAY_CONSTANT if "f" in given else COUPLING
    if "f" in given:
        pairs |= {"f": f"{given['f']:g} GeV"}
    follows = {named(k): _short(v) for k, v in found["derived"].items() if v != 0}
    title = f"point, {found['pair']} coupling" if found["pair"] else "point"
    show_pairs(title, {**pairs, **follows})
    _show_judges("published bounds, strongest first", found["bounds"], axis)
    reached = [x for x in found["projections"] if x["excluded"]]
    _show_judges("projections", reached, axis, answer="in reach")
    console = Console()
    conditions = {row["condition"] for row in found["bounds"]} - {""}
    for condition in sorted(conditions):
        console.print(f"* only if {condition}")
    if axis is DECAY_CONSTANT:
        console.print(
            "factor in f_a: f_a times this is on the line, at fixed couplings"
        )
    why = Counter(str(row["reason"]).partition(":")[0] for row in found["silent"])
    listed = ", ".join(f"{reason} ({n})" for reason, n in why.most_common())
    console.print(f"silent: {len(found['silent'])}, which --json lists: {listed}")
    console.print(f"target: {found['target']['sentence']}")
    console.print(f"verdict: {found['verdict']['sentence']}", style="bold")


def _mass(mass: float) -> str:
    """A mass [GeV] in the unit that suits it."""
    units = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "eV": 1e-9}
    unit = next((u for u, x in units.items() if mass >= 0.9999 * x), "eV")
    return f"{mass / units[unit]:g} {unit}"


def _given(name: str, value: str | float | bool) -> str:
    """A parameter of a model as a person writes it."""
    if isinstance(value, bool | str):
        return str(value).lower()
    return f"{value:g}" + {"g_agamma": " /GeV", "m_chi": " GeV"}.get(name, "")


def _short(value: float | None) -> str:
    return "infinite" if value is None else f"{value:.3g}"


def _show_judges(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    axis: Axis,
    *,
    answer: str = "excluded",
) -> None:
    """Rows of bounds with limit, value of the model and factor; nothing if empty."""
    if not rows:
        return
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("bound")
    table.add_column("quantity")
    factor = f"factor in {axis.name}" if axis is DECAY_CONSTANT else "factor"
    for head in ("CL", "limit", "model", factor):
        table.add_column(head, justify="right")
    table.add_column(answer)
    for row in rows:
        unit = "" if row["unit"] == "1" else f" [{row['unit']}]"
        star = "*" if row["condition"] else ""
        said = f"yes{star}" if row["excluded"] else "no"
        level = "-" if row["cl"] is None else f"{row['cl']:.0%}"
        numbers = (f"{row['limit']:.2g}", _short(row["value"]))
        cells = (level, *numbers, times(row[axis.key]), said)
        table.add_row(row["label"], Text(f"{row['quantity']}{unit}"), *cells)
    Console().print(table)
