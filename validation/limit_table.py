"""The committed limit curves: their table, their figures, and published limits beside them."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.cards.listing import RECOMMENDED

type Array = NDArray[np.float64]

FILE = Path(__file__).parent / "limits.csv"
COLUMNS = (
    "experiments",
    "interaction",
    "mass_mev",
    "side",
    "limit",
    "mc_error",
    "reason",
    "version",
)

#: Joint fits of the experiments that are recommended.
SETS = {
    "solar": RECOMMENDED["solar"],
    "all": tuple(name for names in RECOMMENDED.values() for name in names),
}

QUOTED_MEV = (1.0, 10.0, 100.0)

#: Interaction -> published curves of B-L: label -> file of DarkCast (arXiv:1801.04847).
PUBLISHED = {
    "b-l": {
        "Borexino": "Borexino_Bauer2018onh.lmt",
        "TEXONO": "Texono_Bauer2018onh.lmt",
        "CHARM-II": "CHARMII_Bauer2018onh.lmt",
    }
}


@dataclass(frozen=True, eq=False)
class Curve:
    """A limit against the mediator mass.

    Attributes
    ----------
    experiments, interaction, side
        What was fitted, with which interaction, and which sign of the coupling.
    mass_mev, limit
        Masses and 90% credible limits on g, shape (n,).
    """

    experiments: str
    interaction: str
    side: str
    mass_mev: Array
    limit: Array

    def at(self, mass_mev: float) -> float:
        """Return the limit at a mass, interpolated in both logarithms; NaN outside."""
        x = np.log(self.mass_mev)
        inside = np.interp(np.log(mass_mev), x, np.log(self.limit), left=np.nan, right=np.nan)
        return float(np.exp(inside))

    def text_at(self, mass_mev: float) -> str:
        """Return the limit at a mass as text, in brackets if none was computed just there."""
        here = np.isclose(self.mass_mev, mass_mev, rtol=1e-3).any()
        text = f"{self.at(mass_mev):.3g}" if np.isfinite(self.at(mass_mev)) else "-"
        return text if here or text == "-" else f"({text})"


def curves() -> list[Curve]:
    """Return all curves of the table."""
    groups: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["limit"]:
                key = row["experiments"], row["interaction"], row["side"]
                groups.setdefault(key, []).append((float(row["mass_mev"]), float(row["limit"])))
    return [Curve(*key, *np.array(sorted(points)).T) for key, points in groups.items()]


def label(name: str) -> str:
    """Return the name of experiments for legends and tables, with the marks of their cards."""
    from bayes_cevns.cards.card_file import read_card
    from bayes_cevns.storage.resources import models_dir

    path = models_dir() / f"{name}.toml"
    return f"{name}{read_card(path).card.marks}" if path.is_file() else name


def missing() -> list[tuple[str, str, str]]:
    """Return what has no limit: experiments, interaction (with its mass) and reason."""
    found = []
    with FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if not row["limit"]:
                where = f" at {row['mass_mev']} MeV" if row["mass_mev"] else ""
                found.append((row["experiments"], row["interaction"] + where, row["reason"]))
    return found


def published(interaction: str) -> list[Curve]:
    """Return published curves, read from the raw releases; none where these are not.

    Not from `bayes_cevns.published_limits`, whose curves have fewer points, right to 3%: the page
    quotes three digits (Borexino at 1 MeV 2.77e-6, and 2.79e-6 of the thinned curve).
    """
    folder = Path(os.environ.get("BAYES_CEVNS_RELEASES", Path(__file__).parents[2] / "shared/data"))
    found = []
    for label, name in PUBLISHED.get(interaction, {}).items():
        path = folder / "theory" / "limits_darkcast" / "B-L_boson" / name
        if path.is_file():
            mass_gev, limit = np.loadtxt(path, usecols=(0, 1), unpack=True)
            found.append(Curve(label, interaction, "upper", 1e3 * mass_gev, limit))
    return found


def write_figures(folder: Path) -> list[Path]:
    """Draw one figure an interaction, all experiments in it, and return the paths."""
    paths = []
    for interaction in dict.fromkeys(curve.interaction for curve in curves()):
        path = folder / f"limits_{interaction}.png"
        _figure(interaction).savefig(path)
        paths.append(path)
    return paths


def _figure(interaction: str) -> Figure:
    import bayes_cevns as bc

    own = [c for c in curves() if c.interaction == interaction]
    sides = [s for s in ("upper", "positive", "negative") if any(c.side == s for c in own)]
    figure = Figure(figsize=(7.6, 5.6 * len(sides)), layout="constrained", dpi=110)
    panels = np.atleast_1d(figure.subplots(len(sides), 1, sharex=True, sharey=True))
    for axes, side in zip(panels, sides, strict=True):
        drawn = sorted((c for c in own if c.side == side), key=lambda c: c.at(10.0))
        for number, curve in enumerate(drawn):
            joint = curve.experiments in SETS
            style = {"color": "black", "linewidth": 2.2} if joint else {"linewidth": 1.1}
            dashes = "--" if curve.experiments == "solar" else ("-", "-.", ":")[number // 10]
            axes.plot(
                curve.mass_mev,
                curve.limit,
                linestyle=dashes,
                marker=".",
                markersize=3,
                label=label(curve.experiments),
                **style,
            )
        for curve in published(interaction):
            inside = (curve.mass_mev >= 0.1) & (curve.mass_mev <= 1000.0)
            axes.plot(
                curve.mass_mev[inside],
                curve.limit[inside],
                color="#999999",
                linewidth=0.9,
                linestyle=(0, (1, 1)),
                label=f"{curve.experiments} (published)",
            )
        unseen = ", sign of x not seen" if len(sides) > 1 else ""
        signs = {"upper": unseen, "positive": ", x > 0", "negative": ", x < 0"}[side]
        axes.set(xscale="log", yscale="log", ylabel=bc.interaction(interaction).coupling.label)
        axes.set_title(f"{interaction}{signs}: 90% credible, flat prior", loc="left", fontsize=10)
        axes.grid(which="major", color="#dddddd", linewidth=0.6)
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    panels[-1].set_xlabel("mediator mass [MeV]")
    return figure
