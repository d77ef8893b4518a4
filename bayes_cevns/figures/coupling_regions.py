"""The figure of credible regions of two couplings."""

from __future__ import annotations

from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.ends import End, Ends
from bayes_cevns.figures.captions import (
    data_text,
    is_projection,
    titled,
)
from bayes_cevns.physics.interactions.coupling import axis_label
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.credible_region import credible_region
from bayes_cevns.plots.style import Rc, applied
from bayes_cevns.specification.variables import nuisance_name
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.summary.regions import CredibleRegions

#: Width of the figure of two couplings in inches.
_REGION_WIDTH = 5.6


def region_figure(
    result: CouplingFits,
    one: str,
    two: str,
    *,
    width_in: float = _REGION_WIDTH,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the credible regions of two couplings that were free together, or of one and a nuisance.

    Where the regions are open, the ends of the priors are drawn, and those of couplings that are
    marginalised are named.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> fits = bc.sample_couplings("conus_plus", couplings=["eps_ee_u", "eps_ee_d"], seed=1)
    >>> bc.region_figure(fits, "eps_ee_u", "eps_ee_d").savefig("plane.pdf")
    """
    of_kind(result, CouplingFits, what="what bayes_cevns.sample_couplings returns")
    regions = result.regions(one, two)
    spec = result.spec
    others = len(set(result.names) - {one, two})
    title = "Couplings of neutrinos"
    if all(name.startswith("eps") for name in result.names):
        title = "Non-standard interactions"
    mass = "" if result.model.mass_mev is None else f", mediator of {result.model.mass_mev:.4g} MeV"
    phase = ", CP phase as in PDG" if result.has_phase else ""
    with applied(style):
        return credible_region(
            regions.x,
            regions.y,
            regions.density,
            regions.cuts,
            levels=regions.levels,
            labels=(parameter_label(result, one), parameter_label(result, two)),
            reference=(result.reference(one), result.reference(two)),
            title=titled(
                title + mass + (f", {others} others marginalised" if others else ""),
                spec.experiments,
            ),
            subtitle=f"{data_text(spec.experiments)}; flat priors{phase}"
            + _marginalised_ends(result, regions, (one, two)),
            box=(own_bounds(regions.ends[0], one), own_bounds(regions.ends[1], two)),
            is_projection=is_projection(spec.experiments),
            width_in=width_in,
            ax=ax,
        )


def own_bounds(ends: Ends, name: str) -> tuple[float | None, float | None]:
    """Return the bounds of the prior of a coupling where its regions are open."""

    def bound(end: End) -> float | None:
        return end.bound if (end.kind, end.of) == ("range", name) else None

    return bound(ends.low), bound(ends.high)


def _marginalised_ends(
    result: CouplingFits, regions: CredibleRegions, drawn: tuple[str, str]
) -> str:
    """Return at which bounds of couplings that are not drawn the regions are open."""
    bounds: dict[str, list[float]] = {}
    for end in [end for ends in regions.ends for end in (ends.low, ends.high)]:
        if end.kind == "range" and end.of not in drawn:
            bounds.setdefault(end.of, []).append(end.bound)
    return "".join(
        f"; open: cut by the end of the prior of {parameter_label(result, name)} at "
        + " and ".join(f"{value:.4g}" for value in sorted(set(values)))
        for name, values in bounds.items()
    )


def parameter_label(result: CouplingFits, name: str) -> str:
    """Return a coupling as mathematics with its unit, or a nuisance in the words of its card."""
    for coupling in result.model.couplings:
        if coupling.name == name:
            return axis_label(coupling.latex, coupling.unit or "1")
    titles = {
        nuisance_name(experiment, key): experiment.card.nuisance[key].title
        for experiment in result.spec.experiments
        for key in experiment.nuisances()
    }
    return titles[name]


def figures(result: CouplingFits, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return a figure for each pair that is drawn."""
    width = width_in or _REGION_WIDTH
    return {
        f"region_{one}_{two}": region_figure(result, one, two, width_in=width)
        for one, two in result.drawn
    }
