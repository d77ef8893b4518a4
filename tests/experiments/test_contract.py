"""What every experiment with a model card must fulfil; a new card is tested without new code.

``BAYES_CEVNS_CARDS`` adds cards of one's own: their paths, separated as in ``PATH``.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor
import pytest
import xarray as xr
from pytensor.compile.mode import Mode
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards import Experiment, experiment, experiment_names
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.data import data_at
from bayes_cevns.model import assemble
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.specification.variables import COORDINATE
from bayes_cevns.tables.shape_axes import ShapeAxis

INTERACTION, MASS_MEV = "vector-universal", 10.0
#: Exposure of the injection test over that of the experiment: counts need no rounding to speak of.
LONGER = 1000.0
DRAWS = 5
#: The graph is evaluated node by node, without rewriting, which would take longest.
_BY_PYTHON = Mode(linker="py", optimizer=None)

OWN_CARDS = [path for path in os.environ.get("BAYES_CEVNS_CARDS", "").split(os.pathsep) if path]

pytestmark = pytest.mark.parametrize("name", [*experiment_names(), *OWN_CARDS])


def test_it_cites_what_is_in_the_bibliography(name: str) -> None:
    spec = ModelSpec.of([with_data(experiment(name))])
    assert experiment(name).card.cite
    assert bibtex(citations(spec)).count("@") >= len(experiment(name).card.cite)


def test_shared_nuisances_and_overlaps_agree_with_the_other_cards(name: str) -> None:
    """One parameter in a joint fit has one prior, whichever experiment comes first."""
    card = experiment(name).card
    assert set(card.overlaps) <= set(experiment_names()) - {name}
    for other in experiment_names():
        for key in set(card.nuisance) & set(experiment(other).card.nuisance):
            ours, theirs = card.nuisance[key], experiment(other).card.nuisance[key]
            if ours.shared or theirs.shared:
                assert ours == theirs, (name, other, key)


def test_expected_counts_are_finite_and_positive(name: str) -> None:
    one = experiment(name)
    table = RateTable(one, interaction(INTERACTION))
    counts = table.counts(MASS_MEV)
    assert np.all(np.isfinite(counts))
    assert np.all(counts.sel(component=["sm", "new_physics"]) >= -1e-6 * counts.max())
    assert np.all(counts.sel(component=["sm", "new_physics"]).sum(("run", "bin")) > 0)
    for background in one.backgrounds:
        assert np.all(np.isfinite(background.values))
        assert background.values.min() >= 0
        assert background.values.sum() > 0
    assert (one.data == "none") == (one.card.likelihood == "none")
    assert one.data == "none" or one.observed.sum() > 0


def nominal_values(model: pm.Model, one: Experiment) -> dict[str, np.ndarray]:
    """Nuisance -> its nominal value, by name in the model."""
    found = {}
    for rv in model.free_RVs:
        if rv.name == COORDINATE:
            continue
        entry = one.card.nuisance[rv.name.removeprefix(f"{one.name}.")]
        shape = (len(one.runs),) if entry.per_run else ()
        found[rv.name] = np.full(shape, entry.nominal)
    return found


def nominal_counts(table: RateTable, x: float) -> np.ndarray:
    """Expected counts at nominal nuisances, from the tables and without the model."""
    one = table.experiment
    signal = at_nominal(table.counts(MASS_MEV), one, one.signal_axes)
    total = np.tensordot([1.0, x, x**2], signal.transpose("component", "run", "bin"), axes=1)
    for part in one.backgrounds:
        scale = np.prod([one.card.nuisance[name].nominal for name in part.scaled_by])
        total = total + scale * at_nominal(part.values, one, part.axes).values
    return np.asarray(total)


def at_nominal(values: xr.DataArray, one: Experiment, axes: tuple[ShapeAxis, ...]) -> xr.DataArray:
    for axis in axes:
        spline = make_interp_spline(axis.nodes, values.transpose(axis.name, ...).values, k=3)
        rest = values.transpose(axis.name, ...).isel({axis.name: 0}, drop=True)
        values = rest.copy(data=spline(one.card.nuisance[axis.name].nominal))
    return values


def with_data(one: Experiment) -> Experiment:
    """Return the experiment, with what is expected where nothing was published."""
    return asimov(one) if one.data == "none" else one


def longer(one: Experiment, factor: float) -> Experiment:
    """Return an experiment with more exposure and the same observed counts."""
    signals = tuple(replace(part, values=part.values * factor) for part in one.signals)
    backgrounds = tuple(replace(part, values=part.values * factor) for part in one.backgrounds)
    return replace(one, signals=signals, backgrounds=backgrounds)


def test_model_and_an_injected_signal(name: str) -> None:
    """One compilation: density at prior draws, predictive, and the maximum with a signal."""
    one = longer(with_data(experiment(name)), LONGER)
    spec = ModelSpec.of([one], interaction=INTERACTION)
    (table,) = spec.tables()
    standard, _, squared = table.nominal(MASS_MEV)
    injected = float(np.sqrt(2.0 * standard / squared))
    counts = np.rint(nominal_counts(table, injected)).astype(int)
    observed = one.observed.copy(data=counts)
    spec = replace(spec, experiments=(replace(one, observed=observed, data="toy"),))
    (table,) = spec.tables()
    _, prior = data_at(spec, [table], MASS_MEV)
    assert prior is not None
    with pytensor.config.change_flags(mode=_BY_PYTHON):
        model = assemble(spec, [table], MASS_MEV)
        natural = list(model.free_RVs)
        replica = model[f"{one.name}.counts"]
        values = [_forward(model, rv) for rv in natural]
        *points, replicas = pm.draw([*values, replica], DRAWS, random_seed=5)
        density = model.logp(jacobian=False)
        gradient = pytensor.grad(density, model.continuous_value_vars)
        function = model.compile_fn([density, *gradient], inputs=model.value_vars)
        nominal = nominal_values(model, one)
        fixed = pytensor.function([], values, givens=_givens(natural, nominal))

    assert replicas.shape == (DRAWS, *one.observed.shape)
    assert one.sigma is not None or np.all(replicas >= 0)
    names = [model.rvs_to_values[rv].name for rv in natural]
    for draw in range(DRAWS):
        for found in function({n: p[draw] for n, p in zip(names, points, strict=True)}):
            assert np.all(np.isfinite(found))

    at_nominal = dict(zip(names, fixed(), strict=True))
    place = [rv.name for rv in natural].index(COORDINATE)
    transform = model.rvs_to_transforms[natural[place]]

    def log_density(x: float) -> float:
        share = (prior.coordinate(x) - prior.lower) / (prior.upper - prior.lower)
        assert transform is not None
        point = at_nominal | {names[place]: np.asarray(np.log(share / (1 - share)))}
        return float(function(point)[0])

    tried = injected * np.array([0.0, 0.8, 0.9, 1.0, 1.1, 1.2])
    assert int(np.argmax([log_density(x) for x in tried])) == 3


def _forward(model: pm.Model, rv: object) -> object:
    transform = model.rvs_to_transforms[rv]
    return transform.forward(rv, *rv.owner.inputs) if transform is not None else rv


def _givens(variables: list[object], nominal: dict[str, np.ndarray]) -> dict[object, object]:
    """Fix the nuisances; the coupling, which is set later, is where it is drawn."""
    return {
        rv: pytensor.tensor.constant(nominal[rv.name]) for rv in variables if rv.name in nominal
    }
