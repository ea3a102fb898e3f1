"""Drawings of the search for a prompt resonance at Mu3e."""

from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.figure import Figure

from darkreach.outputs.plot import REACH, STYLE, save
from darkreach.units import MeV

Host = Float[np.ndarray, " n"]
NAMES: Final = {
    "V": "vector",
    "A": "axial vector",
    "S(e)": "scalar, electrons",
    "P(e)": "pseudoscalar, electrons",
    "S(mu)": "scalar, muons",
    "P(mu)": "pseudoscalar, muons",
}
COLOURS: Final = {
    "V": "tab:blue",
    "A": "tab:red",
    "S(e)": "tab:green",
    "P(e)": "tab:olive",
    "S(mu)": "tab:purple",
    "P(mu)": "tab:pink",
}
USES: Final = {
    "none": ("mass alone", ":"),
    "angles": ("three angles", "--"),
    "matrix_element": ("squared amplitudes", "-"),
}
ANGLES: Final = (
    (r"mass of $e^-$ and the other $e^+$ [MeV]", MeV, (0.0, 80.0)),
    (r"$\cos$ of the angle between the positrons", 1.0, (-1.0, 1.0)),
    (r"$\cos$ of the pair's opening angle", 1.0, (-1.0, 1.0)),
)
BINS: Final = 40


def mass_figure(
    edges: Host, panels: dict[str, tuple[Host, Host]], title: str, path: Path
) -> None:
    """Signal on background in bins of the mass of the candidate.

    Args:
        edges: of the bins [MeV].
        panels: signal and background by what is selected [events].
        title: of the figure.
        path: of the file.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.6, 3.0), layout="constrained")
        figure.suptitle(title, fontsize=9)
        for axes, (name, (signal, background)) in zip(
            figure.subplots(1, len(panels)), panels.items(), strict=True
        ):
            both = signal + background
            axes.stairs(both, edges, color=REACH[1], label="with signal")
            axes.stairs(background, edges, color="0.35", label="background")
            axes.stairs(
                both, edges, baseline=background, fill=True, color=REACH[1], alpha=0.25
            )
            axes.set_title(name, fontsize=9)
            axes.set_xlabel(r"$m_{ee}$ of the candidate [MeV]")
            axes.set_xlim(edges[0], edges[-1])
            low, high = background.min(), both.max()
            axes.set_ylim(max(low - 0.15 * (high - low), 0.0), high * 1.02)
            axes.ticklabel_format(axis="y", scilimits=(0, 0), useMathText=True)
        axes.legend(frameon=False)
        figure.axes[0].set_ylabel(f"events / {edges[1] - edges[0]:.2g} MeV")
        save(figure, path)


def angles_figure(
    samples: dict[str, tuple[Float[np.ndarray, "3 n"], Host]], title: str, path: Path
) -> None:
    """Shapes of the three angles at the peak.

    Args:
        samples: angles and weights of the background and each kind of signal.
        title: of the figure.
        path: of the file.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.8, 3.1), layout="constrained")
        figure.suptitle(title, fontsize=9)
        for row, (axes, (label, unit, ends)) in enumerate(
            zip(figure.subplots(1, len(ANGLES)), ANGLES, strict=True)
        ):
            edges = np.linspace(*ends, BINS + 1)
            for name, (values, weight) in samples.items():
                counts = np.histogram(values[row] / unit, edges, weights=weight)[0]
                density = counts / weight.sum() / (edges[1] - edges[0])
                if name == "background":
                    axes.stairs(
                        density, edges, fill=True, color="0.8", label="background"
                    )
                else:
                    hidden = name == "P(e)"
                    axes.stairs(
                        density, edges, color=COLOURS[name], label=NAMES[name],
                        linestyle="--" if hidden else "-",
                    )  # fmt: skip
            axes.set_xlabel(label)
            axes.set_xlim(*ends)
            axes.set_yscale("log")
            top = axes.get_ylim()[1]
            axes.set_ylim(top / 200, top)
        figure.axes[0].set_ylabel("share per unit")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=4, frameon=False
        )
        save(figure, path)


def gain_figure(
    masses: Host, limits: dict[str, dict[str, Host]], title: str, path: Path
) -> None:
    """Limits, and how much angles lower them.

    Args:
        masses: of X [MeV].
        limits: on the coupling, by kind and by what is used.
        title: of the figure.
        path: of the file.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.4, 3.4), layout="constrained")
        figure.suptitle(title, fontsize=9)
        left, right = figure.subplots(1, 2)
        for kind, lines in limits.items():
            for use, values in lines.items():
                style = USES[use][1]
                left.plot(masses, values, style, color=COLOURS[kind])
                if use != "none":
                    ratio = lines["none"] / values
                    right.plot(masses, ratio, style, color=COLOURS[kind])
        left.set(yscale="log", xlabel=r"$m_X$ [MeV]")
        left.set_ylabel(r"limit: $\varepsilon$ of vectors, $g$ of scalars")
        right.set(xlabel=r"$m_X$ [MeV]", ylim=(1.0, None))
        right.set_ylabel("limit from the mass alone / limit")
        for name, style in USES.values():
            left.plot([], [], style, color="0.3", label=name)
        left.legend(frameon=False)
        for kind in limits:
            right.plot([], [], color=COLOURS[kind], label=NAMES[kind])
        handles, labels = right.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=3, frameon=False
        )
        save(figure, path)
