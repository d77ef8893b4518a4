"""The figure of credible regions of two couplings by several runs."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bayes_cevns.arguments import flag
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.figures.alike import labelled
from bayes_cevns.figures.captions import data_text, data_words, is_projection
from bayes_cevns.figures.coupling_regions import own_bounds, parameter_label
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.coupling_planes import PlaneRegions, coupling_planes
from bayes_cevns.plots.style import Rc, applied
from bayes_cevns.studies.coupling_fits import JOINT, CouplingFits
from bayes_cevns.summary.regions import CredibleRegions

_WIDTH = 5.6


def planes_figure(
    results: Sequence[CouplingFits],
    one: str,
    two: str,
    *,
    labels: Sequence[str] | None = None,
    mixed: bool = False,
    width_in: float = _WIDTH,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the credible regions of two couplings by several runs in one plane.

    Parameters
    ----------
    results
        What `bayes_cevns.sample_couplings` returns, of the same couplings.
    one, two
        The couplings of the axes, which were free together in all runs.
    labels
        What each run is called; by default after its experiments.
    mixed
        Whether runs may differ in levels, in what else was free, in the ends of the priors, or in
        whether their data are observed.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Raises
    ------
    ArgumentError
        If results are of another kind, or differ where they may not; or if a fit failed its gate.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> both = ["eps_ee_u", "eps_ee_d"]
    >>> fits = bc.sample_couplings("conus_plus", couplings=both, seed=1)
    >>> figure = bc.planes_figure([fits], *both, labels=["CONUS+"])
    """
    given = list(results) if isinstance(results, Sequence) else []
    if not given or not all(isinstance(result, CouplingFits) for result in given):
        raise ArgumentError(
            f"expected a list of what bayes_cevns.sample_couplings returns, got {shown(results)}"
        )
    names = labelled([result.experiment for result in given], labels)
    for result, name in zip(given, names, strict=True):
        if not result.drawn:
            reason = "; ".join(result.failures().values()) or "no pair was free together"
            raise ArgumentError(f"{name} has no region to draw: {reason}")
    if not flag(mixed, what="mixed"):
        _check_alike(given, names)
    regions = [result.regions(one, two) for result in given]
    experiments = {e.name: e for result in given for e in result.spec.experiments}
    first = given[0]
    with applied(style):
        return coupling_planes(
            [
                PlaneRegions(
                    name, r.x, r.y, r.density, r.cuts, is_projection(result.spec.experiments)
                )
                for name, r, result in zip(names, regions, given, strict=True)
            ],
            levels=regions[0].levels,
            labels=(parameter_label(first, one), parameter_label(first, two)),
            title="Couplings of neutrinos",
            subtitle=f"{data_text(experiments.values())}; flat priors",
            box=(_open(regions, 0, one), _open(regions, 1, two)),
            reference=(first.reference(one), first.reference(two)),
            width_in=width_in,
            ax=ax,
        )


def _open(
    regions: Sequence[CredibleRegions], axis: int, name: str
) -> tuple[float | None, float | None]:
    """Return the ends of the prior of a coupling at which any of the regions is open."""
    found = [own_bounds(each.ends[axis], name) for each in regions]
    lows, highs = ([end for end in ends if end is not None] for ends in zip(*found, strict=True))
    return min(lows, default=None), max(highs, default=None)


def common_pairs(results: Sequence[CouplingFits]) -> list[tuple[str, str]]:
    """Return the pairs that all runs draw."""
    return [pair for pair in results[0].drawn if all(pair in other.drawn for other in results)]


def _check_alike(results: Sequence[CouplingFits], labels: Sequence[str]) -> None:
    for words, values in (
        ("levels", [str(result.levels) for result in results]),
        ("couplings", [", ".join(result.names) for result in results]),
        ("mediator masses", [str(result.model.mass_mev) for result in results]),
        ("priors", [str(_bounds(result)) for result in results]),
        ("kinds of data", [data_words(result.spec.experiments) for result in results]),
    ):
        for label, value in zip(labels, values, strict=True):
            if value != values[0]:
                raise ArgumentError(
                    f"one figure would mix {words}: {labels[0]} has {values[0]}, {label} has "
                    f"{value}; draw them apart, or allow it with --mixed (mixed=True)"
                )


def _bounds(result: CouplingFits) -> dict[str, tuple[float, float]]:
    box = result.fit(JOINT).box
    return {} if box is None else dict(box.bounds)
