"""What ArviZ looks for beside draws: the log-likelihood of each bin, and draws from the prior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from bayes_cevns.specification.variables import COORDINATE, COUPLING, PRODUCT, nuisance_name

if TYPE_CHECKING:
    from bayes_cevns.cards import Experiment
    from bayes_cevns.inference.at_draws import ModelAtDraws
    from bayes_cevns.specification.model_spec import ModelSpec
    from bayes_cevns.summary.fit import Fit

#: Draws from the prior.
PRIOR_DRAWS = 500


def groups_of(
    spec: ModelSpec, fit: Fit, mass_mev: float | None, *, seed: int
) -> dict[str, xr.Dataset]:
    """Return the groups ``log_likelihood`` and ``prior`` of a fit.

    Parameters
    ----------
    spec, mass_mev
        The model of the fit, with any couplings that it has all free, and its mass.
    fit
        The fit.
    seed
        Seed of the draws from the prior.

    Returns
    -------
    dict
        ``log_likelihood`` has a variable for each experiment, named as its observed counts, dims
        (chain, draw, run, bin): all bins as they were observed, also those that are merged while
        sampling. Their expected counts are computed anew at the draws that `Fit.draws` joins. It
        is empty, and says why, if these are more than `MOST_NUMBERS` of
        `bayes_cevns.inference.at_draws`.
    """
    from bayes_cevns.inference.at_draws import ModelAtDraws

    draws = fit.draws()
    model = ModelAtDraws(spec, mass_mev)
    return {
        "log_likelihood": _log_likelihood(model, draws),
        "prior": model.prior_draws(draws, PRIOR_DRAWS, seed=seed),
    }


def _log_likelihood(model: ModelAtDraws, draws: xr.Dataset) -> xr.Dataset:
    from bayes_cevns.inference.at_draws import MOST_NUMBERS, bins_of
    from bayes_cevns.summary.cross_validation import log_likelihood

    number = draws.sizes["chain"] * draws.sizes["draw"] * bins_of(model.spec.experiments)
    if number > MOST_NUMBERS:
        why = f"{number} numbers, which are more than {MOST_NUMBERS}: join bins, or draw less"
        return xr.Dataset(attrs={"left_out": why})
    found = {}
    expected = model.expected(model.points(draws))
    for one, mean in zip(model.spec.experiments, expected, strict=True):
        counts = observed_counts(one)
        values = log_likelihood([one], [mean]).reshape(mean.shape)
        found[str(counts.name)] = xr.DataArray(
            values,
            dims=("chain", "draw", *counts.dims),
            coords={**counts.coords, **{name: draws[name] for name in ("chain", "draw", "branch")}},
        )
    return xr.Dataset(found)


def observed_counts(experiment: Experiment) -> xr.DataArray:
    """Return the observed counts as ``observed_data`` has them, their dims named apart."""
    names = {"run": f"{experiment.name}.run", "bin": f"{experiment.name}.bin"}
    counts = experiment.observed.transpose("run", "bin").reset_coords(drop=True).rename(names)
    return counts.rename(f"{experiment.name}.counts").assign_attrs(
        long_name=f"observed counts of {experiment.name}", units="1"
    )


def variable_attributes(spec: ModelSpec) -> dict[str, dict[str, str]]:
    """Return what the variables of a posterior are, and their units, by their names."""
    found = {}
    if spec.interaction is not None:
        coupling = spec.interaction.coupling
        found[COUPLING] = {
            "long_name": coupling.symbol,
            "units": coupling.unit,
            "definition": coupling.definition,
        }
        unit = coupling.unit if coupling.power == 1.0 else "1"
        found[PRODUCT] = {"long_name": coupling.amplitude, "units": unit}
        found[COORDINATE] = {
            "long_name": f"coordinate in which the prior of {coupling.amplitude} is uniform",
            "units": "1",
        }
    if spec.couplings is not None:
        found |= {one.name: {"units": one.unit or "1"} for one in spec.couplings.couplings}
    for experiment in spec.experiments:
        for name in experiment.nuisances():
            title = experiment.card.nuisance[name].title
            found[nuisance_name(experiment, name)] = {"long_name": title}
    return found
