"""Planes of two flavour-diagonal couplings, in the style of figure 4 of arXiv:2409.02003.

Filled: 90% credible regions by the package. Lines: Delta chi^2 = 4.61 of its eq. (20) with the
events of its table II, propagation and detection as it prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from hard_settings import SEED, SETTINGS, experiments_of
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from nsi_004_fit import DE_SALAS_2020, VARIANTS, weights
from nsi_004_propagation import printed
from nsi_004_published import OBSERVED, SM_EVENTS
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.inference.engine import Engine
from bayes_cevns.physics.oscillation import (
    NO_NSI,
    NsiCouplings,
    charge_traces,
    density_matrices,
    nucleon_charges,
)
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.regions import credible_regions

type Array = NDArray[np.float64]
type Pair = tuple[str, str]

PAIRS: tuple[Pair, ...] = tuple((f"eps_{f}_u", f"eps_{f}_d") for f in ("ee", "mumu", "tautau"))

PLANES = Path(__file__).parent / "figures" / "nsi_planes.png"
COLORS = {"xenonnt_cevns": "#6ea3cf", "pandax4t_us2": "#f0b27a"}

#: 90% of chi^2 with two degrees of freedom.
CUT = 4.605
LEVEL = 0.9
BOX = (-1.0, 1.0)
_POINTS = 81


def main() -> None:
    """Fit the planes and draw them."""
    names = tuple(dict.fromkeys(name for pair in PAIRS for name in pair))
    fits = {}
    for label in COLORS:
        spec = bc.ModelSpec.of(experiments_of(label), couplings=CouplingModel.of(names))
        engine = Engine(spec, SETTINGS, free=2)
        for pair in PAIRS:
            fits[label, pair] = engine.fit(free=pair, seed=SEED)
    for key, fit in fits.items():
        if not fit.passed:
            raise RuntimeError(f"{key}: {fit.reason}")
    figure(fits).savefig(PLANES)


def paper_chi2(pair: Pair, points: int = _POINTS) -> tuple[Array, dict[str, Array]]:
    """Return the grid of each coupling and Delta chi^2 on it, by data set, shape (n, n)."""
    grid = np.linspace(*BOX, points)
    densities = density_matrices(DE_SALAS_2020, VARIANTS["printed"].detection)
    standard = charge_traces(densities[0], *nucleon_charges(NO_NSI))
    found = {key: np.empty((grid.size, grid.size)) for key in OBSERVED}
    for i, up in enumerate(grid):
        for j, down in enumerate(grid):
            couplings = NsiCouplings.of({pair[0]: up, pair[1]: down})
            cos = printed(couplings)
            constant, slope = (charge_traces(d, *nucleon_charges(couplings)) for d in densities)
            for key, (events, error) in OBSERVED.items():
                w = weights(key)
                ratio = (constant @ w[0] + cos @ (w[1:] @ slope)) / (standard @ w[0])
                found[key][i, j] = ((events - SM_EVENTS[key] * ratio) / error) ** 2
    return grid, {key: value - value.min() for key, value in found.items()}


def figure(fits: Mapping[tuple[str, Pair], Fit]) -> Figure:
    """Draw the planes, for fits by experiment and pair."""
    drawn = Figure(figsize=(11.0, 4.3), layout="constrained", dpi=110)
    axes = drawn.subplots(1, len(PAIRS))
    lines = {"xenonnt": "#0b3d6b", "us2": "#b3541e"}
    for axis, pair in zip(axes, PAIRS, strict=True):
        for name in reversed(COLORS):
            fit = fits[name, pair]
            region = credible_regions(fit, pair, [LEVEL], (BOX, BOX))
            top = max(float(region.density.max()), 1.001 * region.cuts[0])
            style = {"levels": [region.cuts[0], top], "colors": [COLORS[name]], "alpha": 0.7}
            axis.contourf(region.x, region.y, region.density.T, **style)
        grid, chi2 = paper_chi2(pair)
        for key, color in lines.items():
            axis.contour(grid, grid, chi2[key].T, levels=[CUT], colors=[color], linewidths=1.2)
        axis.plot(0.0, 0.0, "+", color="black")
        flavour = pair[0].split("_")[1].replace("mu", r"\mu ").replace("tau", r"\tau ")
        labels = (rf"$\varepsilon_{{{flavour}}}^{{{quark}}}$" for quark in "ud")
        axis.set(**dict(zip(("xlabel", "ylabel"), labels, strict=True)), xlim=BOX, ylim=BOX)
    handles = [Patch(color=c, label=f"{n}, 90% credible") for n, c in COLORS.items()]
    text = "{}, as arXiv:2409.02003, 90% CL"
    handles += [Line2D([], [], color=c, label=text.format(k)) for k, c in lines.items()]
    drawn.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    return drawn


if __name__ == "__main__":
    main()
