"""Projected experiments: another exposure, or another threshold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment, Template
from bayes_cevns.cards.experiment import RECOIL_ENERGY
from bayes_cevns.cards.given import one_experiment
from bayes_cevns.cards.observables import only_observable
from bayes_cevns.detectors.ideal import IdealDetector
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.checks import positive, real

#: A threshold must agree with the edge of a bin to this relative precision: edges are printed with
#: four digits.
_SAME = 1e-3


def scaled(experiment: Experiment | str, *, exposure: float) -> Experiment:
    """Return an experiment with more exposure, or less: a projection.

    Parameters
    ----------
    experiment
        The experiment.
    exposure
        Factor of the exposure, above 0.

    Returns
    -------
    Experiment
        Signals and backgrounds are multiplied by the factor. The priors of the nuisances stay, so
        that systematic uncertainties are those of today. It has no observed counts: use Asimov data
        or toys (`bayes_cevns.asimov`, `bayes_cevns.toy`, `bayes_cevns.sensitivity`).

    Raises
    ------
    ArgumentError
        If the factor is not positive and finite, or the likelihood is normal: its errors are
        statistical and systematic ones together, and only the former are known to shrink.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> longer = bc.scaled("xenonnt_cevns", exposure=10.0)
    >>> longer.data
    'none'
    """
    experiment = one_experiment(experiment)
    what = "a factor of the exposure"
    unit = "units of the present one"
    factor = float(positive(real(exposure, what=what), what=what, unit=unit))
    try:
        likelihood = experiment.likelihood.with_exposure(factor)
    except ArgumentError as error:
        raise ArgumentError(
            f"the exposure of {experiment.name} cannot be scaled: {error}"
        ) from None

    def longer[T: Template](part: T) -> T:
        return replace(part, values=part.values * factor)

    return replace(
        _titled(experiment, f"exposure x {factor:g}"),
        exposure_tonne_year=experiment.exposure_tonne_year * factor,
        observed=_unknown(experiment.observed),
        signals=tuple(longer(part) for part in experiment.signals),
        backgrounds=tuple(longer(part) for part in experiment.backgrounds),
        likelihood=likelihood,
        data="none",
        origin={**experiment.origin, "exposure_scale": factor},
    )


def with_threshold(experiment: Experiment | str, threshold_kev: float) -> Experiment:
    """Return an experiment with another threshold, within the reach of its table.

    Parameters
    ----------
    experiment
        An experiment whose bins are of energy alone.
    threshold_kev
        Threshold in the energy of its bins, in keV: recoil energy, or the electron equivalent.

    Returns
    -------
    Experiment
        Without the bins below the threshold; the counts in the others, observed or not, stay. An
        ideal detector, which sees every recoil with its true energy, takes any threshold, lower
        ones as well: it has new bins of the width (in the logarithm) of the old ones, and no data.

    Raises
    ------
    ArgumentError
        If the bins are not of energy alone; no bin begins at the threshold; or it is lower than
        the table, whose response and backgrounds are not known there.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> lower = bc.with_threshold("xlzd", 0.05)
    >>> lower.data
    'none'
    """
    experiment = one_experiment(experiment)
    what = "a threshold"
    threshold = float(positive(real(threshold_kev, what=what), what=what, unit="keV"))
    edges = experiment.edges_kev
    if edges is None:
        raise ArgumentError(
            f"the threshold of {experiment.name} cannot be changed: its table has no edges "
            "of bins in keV, or its bins are not of energy alone"
        )
    if threshold >= edges[-1]:
        raise ArgumentError(
            f"a threshold of {threshold:g} keV leaves nothing of {experiment.name}, whose bins end "
            f"at {edges[-1]:.4g} keV"
        )
    titled = replace(
        _titled(experiment, f"threshold {threshold:g} keV"),
        origin={**experiment.origin, "threshold_kev": threshold},
    )
    if _is_ideal(experiment, edges):
        return _ideal_above(titled, edges, threshold)
    return _without_bins(titled, edges, threshold)


def _without_bins(experiment: Experiment, edges: Array, threshold: float) -> Experiment:
    """Drop the bins below a threshold, which must be the beginning of one of them."""
    if threshold < edges[0] * (1 - _SAME):
        raise ArgumentError(
            f"the threshold of {experiment.name} cannot be lowered from {edges[0]:.4g} to "
            f"{threshold:g} keV: its response and its backgrounds are not known there"
        )
    first = int(np.argmin(np.abs(edges[:-1] - threshold)))
    if abs(edges[first] - threshold) > _SAME * threshold:
        near = edges[:-1][np.argsort(np.abs(edges[:-1] - threshold))[:2]]
        raise ArgumentError(
            f"no bin of {experiment.name} begins at {threshold:g} keV: choose where one "
            f"does, such as {' or '.join(f'{edge:.4g}' for edge in sorted(near))} keV"
        )

    kept = experiment.edges if only_observable(experiment.edges, edges.size - 1) else {}

    def cut(values: xr.DataArray) -> xr.DataArray:
        return values.isel(bin=slice(first, None))

    def above[T: Template](part: T) -> T:
        return replace(part, values=cut(part.values))

    return replace(
        experiment,
        observed=cut(experiment.observed),
        likelihood=experiment.likelihood.changed(cut),
        signals=tuple(above(part) for part in experiment.signals),
        backgrounds=tuple(above(part) for part in experiment.backgrounds),
        edges_kev=edges[first:],
        edges={name: e.isel({e.dims[-1]: slice(first, None)}) for name, e in kept.items()},
    )


def _is_ideal(experiment: Experiment, edges: Array) -> bool:
    """Return whether an experiment has nothing but signals that are seen with their true energy."""
    if experiment.backgrounds or experiment.data == "observed":
        return False
    for signal in experiment.signals:
        if signal.axes:
            return False
        number = np.digitize(signal.recoil_energy_kev, edges) - 1
        inside = number[:, None] == np.arange(edges.size - 1)
        share = signal.values / experiment.exposure_tonne_year
        sharp = share.transpose("run", RECOIL_ENERGY, "bin").values
        if not np.allclose(sharp, inside, rtol=0, atol=1e-6):
            return False
    return True


def _ideal_above(experiment: Experiment, edges: Array, threshold: float) -> Experiment:
    """Return an ideal detector with bins from a threshold to where they end."""
    step = np.log(edges[-1] / edges[0]) / (edges.size - 1)
    number = max(round(np.log(edges[-1] / threshold) / step), 1)
    new = np.geomspace(threshold, edges[-1], number + 1)
    detector = IdealDetector(new, lambda energy_kev: energy_kev)
    coords: dict[str, Any] = {"run": experiment.observed["run"], "bin": np.arange(number)}
    response = xr.DataArray(
        detector.response(),
        {RECOIL_ENERGY: detector.nodes_kev(), "bin": coords["bin"]},
        (RECOIL_ENERGY, "bin"),
    )
    exposure = experiment.exposure_tonne_year
    values = (response * exposure).transpose(RECOIL_ENERGY, "run", "bin")
    nothing = xr.DataArray(np.full((exposure.size, number), np.nan), coords, ("run", "bin"))
    return replace(
        experiment,
        observed=nothing,
        signals=tuple(replace(signal, values=values) for signal in experiment.signals),
        data="none",
        edges_kev=new,
        edges={"energy": xr.DataArray(new, dims="edge", attrs={"units": "keV"})},
    )


def _titled(experiment: Experiment, change: str) -> Experiment:
    """Return an experiment whose title says how it was changed."""
    title = f"{experiment.card.title}, {change}"
    return replace(experiment, card=experiment.card.model_copy(update={"title": title}))


def _unknown(observed: xr.DataArray) -> xr.DataArray:
    """Return counts that are NaN, for data that were not observed."""
    return observed.astype(float).copy(data=np.full(observed.shape, np.nan))
