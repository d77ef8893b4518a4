"""Credible regions of two parameters: the highest-density regions of their joint posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.ends import BOTH_CROSSINGS, End, Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.summary.bounds import or_of_another, whole_ends
from bayes_cevns.summary.density import grid_density
from bayes_cevns.summary.draws import WeightedDraws, check_level
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.highest import highest

#: Cells of the grid in each direction.
_CELLS = 160

#: What an edge of a cell may be off, in cells.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class CredibleRegions(Displayed):
    """The joint posterior density of two parameters, and the cuts of its credible regions.

    Attributes
    ----------
    x, y
        Centres of the cells, shapes (n,) and (m,).
    density
        Density on them, shape (n, m); gaps and islands that are noise are removed.
    levels
        Credible levels, in increasing order.
    cuts
        Densities above which a region of each level lies, in decreasing order.
    ends
        Of which kind the ends of the regions are in x and in y. They are ends of a range where the
        density does not vanish at the bound of a prior (`summary.bounds`), that of the parameter
        itself or of a marginalised one. If the regions reach a bound of one parameter, their extent
        in the other one also depends on the prior.
    """

    x: Array
    y: Array
    density: Array
    levels: tuple[float, ...]
    cuts: tuple[float, ...]
    ends: tuple[Ends, Ends] = (BOTH_CROSSINGS, BOTH_CROSSINGS)

    def holding(self, one: float, two: float) -> dict[float, bool]:
        """Return by level whether the region holds a point: whether it lies in one of its cells.

        Parameters
        ----------
        one, two
            Values of the two parameters.
        """
        cell = _cell_of(self.x, one), _cell_of(self.y, two)
        if None in cell:
            return dict.fromkeys(self.levels, False)
        density = float(self.density[cell])
        return {p: density >= cut for p, cut in zip(self.levels, self.cuts, strict=True)}

    @property
    def notes(self) -> list[str]:
        """Notes on the bounds that the regions reach."""
        found = [end for ends in self.ends for end in (ends.low, ends.high)]
        return list(
            dict.fromkeys(
                f"the regions are cut by the bound {end.bound:.4g} of the prior of {end.of}"
                for end in found
                if end.kind == "range"
            )
        )


def _cell_of(centres: Array, value: float) -> int | None:
    """Return the cell of a value, of cells that are equally wide; ``None`` beyond them."""
    step = (centres[-1] - centres[0]) / (centres.size - 1)
    place = (value - centres[0]) / step + 0.5
    # At a bound of the prior a value may be beyond the last edge by rounding.
    inside = -_ROUNDING <= place <= centres.size + _ROUNDING
    return min(max(int(place), 0), centres.size - 1) if inside else None


def credible_regions(
    fit: Fit,
    parameters: tuple[str, str],
    levels: Sequence[float],
    domains: tuple[tuple[float, float], tuple[float, float]],
    others: Mapping[str, tuple[float, float]] | None = None,
    own: tuple[Ends, Ends] | None = None,
) -> CredibleRegions:
    """Return the regions of highest joint density of two parameters, others marginalised.

    Parameters
    ----------
    fit
        A fit.
    parameters
        Names of two variables of its posterior.
    levels
        Credible levels in (0, 1).
    domains
        Bounds of their priors.
    others
        Parameters that are marginalised, with the bounds of theirs, which may cut the regions.
    own
        Of which kind the bounds of the two are, by default ends of the ranges of their priors.

    Raises
    ------
    ArgumentError
        If the parameters are one, or a level is not in (0, 1).

    Notes
    -----
    See `summary.density` for the smoothing and `summary.highest` for the cuts.
    """
    if parameters[0] == parameters[1]:
        raise ArgumentError(f"a region needs two parameters, got {parameters[0]} twice")
    for level in levels:
        check_level(level)
    draws = [WeightedDraws.of(name, fit.posterior, fit.quality) for name in parameters]
    found = grid_density(draws, domains, _CELLS)
    cuts = []
    for level in sorted(set(levels)):
        region = highest(found, level)
        found = replace(found, density=region.density)
        cuts.append(region.cut)
    x, y = found.centres
    beside = {n: WeightedDraws.of(n, fit.posterior, fit.quality) for n in others or {}}
    inside = found.density >= cuts[-1]
    ends = []
    for axis, (name, one, domain) in enumerate(zip(parameters, draws, domains, strict=True)):
        cells = np.flatnonzero(inside.any(axis=1 - axis))
        piece = float(found.edges[axis][cells[0]]), float(found.edges[axis][cells[-1] + 1])
        bounds = own[axis] if own else Ends(*(End("range", name, bound) for bound in domain))
        reached = whole_ends(one, [piece], domain, bounds)
        ends.append(or_of_another(reached, piece, one, beside, others or {}))
    return CredibleRegions(
        x, y, found.density, tuple(sorted(set(levels))), tuple(cuts), (ends[0], ends[1])
    )
