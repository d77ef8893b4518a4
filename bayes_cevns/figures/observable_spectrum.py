"""The figure of counts along one observable of an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayes_cevns.arguments import named, of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.given import one_experiment
from bayes_cevns.cards.observables import observable as found_observable
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.figures.captions import data_text, data_words
from bayes_cevns.physics.interactions import STANDARD_MODEL
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.observable_spectrum import ObservedSpectrum, observable_spectrum
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.specification.expected_counts import binned_counts, checked_interaction
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.summary.predictive_checks import bins_along
from bayes_cevns.tables.bins import add_bins

#: Draws that a posterior band is made of, and its quantiles.
_DRAWS, _ENDS = 500, (0.025, 0.16, 0.84, 0.975)

#: Ends of the central 68% of a Gamma density: classical intervals of a Poisson mean (Garwood,
#: Biometrika 28 (1936) 437).
_TAIL = 0.1587


def spectrum_figure(
    experiment: Experiment | str,
    *,
    observable: str | None = None,
    benchmarks: Mapping[str, tuple[str, float, float]] | None = None,
    fit: ModelRun | None = None,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw the counts of an experiment along one observable, in its own units.

    Parameters
    ----------
    experiment
        The experiment, or its name.
    observable
        Along what; by default the first observable of its table. Runs, and all other observables,
        are added up.
    benchmarks
        New signals to draw: label -> interaction, mediator mass in MeV and amplitude x
        (``Interaction.coupling``).
    fit
        What `bayes_cevns.sample` returns, with this experiment in it: its posterior of the expected
        counts is drawn as a band.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, two, of counts and of residuals, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Returns
    -------
    Figure
        Points have the central 68% of a Poisson mean, or the errors of the table. Backgrounds and
        the Standard Model are stacked, at nominal nuisances.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a name is not known, or a benchmark is no interaction, mass and amplitude.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> strong = {"B-L, 10 MeV, 5e-5": ("b-l", 10.0, 2.5e-9)}
    >>> figure = bc.spectrum_figure("xenonnt_s2only", benchmarks=strong)
    """
    one = one_experiment(experiment)
    along = along_edges(one)
    if not along:
        raise ArgumentError(f"{one.name} has no observable whose bins have edges: nothing to draw")
    name = next(iter(along)) if observable is None else named(observable, "observable", along)
    known = found_observable(name, one.edges, one.runs)
    where = along[name]
    numbers = np.arange(where.max() + 2, dtype=float) - 0.5
    edges: Array = numbers if known.edges is None else known.edges
    components = binned_counts(one, None)
    totals = {part: _along(values, where) for part, values in components.items()}
    signals = {signal.name for signal in one.signals}
    is_signal = {p: p == STANDARD_MODEL or p.partition(".")[0] in signals for p in totals}
    stacked = dict(sorted(totals.items(), key=lambda item: is_signal[item[0]]))
    observed, low, high = _data(one, where)
    with applied(style):
        return observable_spectrum(
            ObservedSpectrum(
                known.label,
                edges,
                observed,
                low,
                high,
                {_words(part): counts for part, counts in stacked.items()},
                {
                    label: _with(one, given, where, label)
                    for label, given in (benchmarks or {}).items()
                },
                None if fit is None else _band(one, fit, where),
                "" if known.edges is None else _unit(known.label),
            ),
            title=data_text([one]),
            subtitle="Standard Model and backgrounds at nominal nuisances",
            data=data_words([one]),
            width_in=width_in,
            ax=ax,
        )


def along_edges(one: Experiment) -> dict[str, NDArray[np.int64]]:
    """Return the position of each bin along the observables that have edges.

    Where a table has as many bins as its observables have together, the last of them runs fastest,
    as in all tables of this package.
    """
    found = {name: where for name, where in bins_along(one).items() if name in one.edges}
    shape = [values.sizes[values.dims[-1]] - 1 for values in one.edges.values()]
    if not found and shape and np.prod(shape) == one.observed.sizes["bin"]:
        places = np.indices(shape).reshape(len(shape), -1)
        found = dict(zip(one.edges, places, strict=True))
    return found


def _band(one: Experiment, fit: ModelRun, where: NDArray[np.int64]) -> Array:
    """Return the ends of the central 95% and 68% of expected counts, shape (4, n)."""
    from bayes_cevns.inference.at_draws import ModelAtDraws, thinned

    run = of_kind(fit, ModelRun, what="what bayes_cevns.sample returns")
    names = [each.name for each in run.spec.experiments]
    place = names.index(named(one.name, "experiment of the fit", names))
    if not run.passed:
        raise ArgumentError(f"the fit of {', '.join(names)} failed its gate: {run.reason}")
    model = ModelAtDraws(run.spec, run.mass_mev)
    draws = thinned(run.draws(), _DRAWS)
    expected = model.expected(model.points(draws))[place]
    counts = expected.reshape(-1, *expected.shape[-2:]).sum(axis=1)
    return np.asarray(np.quantile(add_bins(counts, where), _ENDS, axis=0))


def _along(values: xr.DataArray, where: NDArray[np.int64]) -> Array:
    """Return counts of runs and of all bins at one place along an observable, shape (n,)."""
    counts = values.transpose("run", "bin").values.sum(axis=0)
    return np.bincount(where, weights=counts, minlength=int(where.max()) + 1)


def _data(
    one: Experiment, where: NDArray[np.int64]
) -> tuple[Array | None, Array | None, Array | None]:
    """Return counts with their errors; nothing for a projection."""
    from scipy.stats import gamma

    if one.data == "none":
        return None, None, None
    counts = _along(one.observed, where)
    if one.sigma is not None:
        error = np.sqrt(_along(one.sigma**2, where))
        return counts, counts - error, counts + error
    low = np.where(counts > 0, gamma.ppf(_TAIL, np.maximum(counts, 1e-9)), 0.0)
    return counts, np.asarray(low), np.asarray(gamma.ppf(1.0 - _TAIL, counts + 1.0))


def _with(one: Experiment, given: Sequence[object], where: NDArray[np.int64], label: str) -> Array:
    """Return all counts with a new signal."""
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 3:
        raise ArgumentError(
            f"expected of benchmark {label!r}: interaction, mass in MeV and amplitude x, got "
            f"{shown(given)}"
        )
    interaction, mass, product = given  # anything of a user: what they are is checked below
    new = checked_interaction(interaction, mass, product)  # type: ignore[arg-type]  # it checks them
    counts = binned_counts(one, new, mass, product)  # type: ignore[arg-type]  # checked above
    return np.sum([_along(values, where) for values in counts.values()], axis=0)


def _unit(label: str) -> str:
    """Return the unit in a label, such as keV; "unit" where it has none."""
    _, bracket, unit = label.rpartition("[")
    return unit.rstrip("] ") if bracket else "unit"


def _words(part: str) -> str:
    """Return what a component is called."""
    if part == STANDARD_MODEL:
        return "Standard Model"
    signal, _, power = part.partition(".")
    words = f"Standard Model, {signal}" if power == STANDARD_MODEL else part
    return words.replace("_", " ")
