"""The model against a slow twin that is written from the card's text alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor
import pytest
from pytensor.graph.replace import graph_replace
from scipy import stats
from scipy.interpolate import make_interp_spline

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.density.data import data_at
from bayes_cevns.errors import ArgumentError, TableError, UnknownNameError
from bayes_cevns.model import assemble, build_model
from bayes_cevns.specification.model_spec import ModelSpec

RUNS = ("sr0", "sr1", "sr2")
AC_WIDTH = {"sr0": 0.0904, "sr1": 0.0576, "sr2": 0.0576}


def interpolate(table: np.ndarray, tly: float, tqy: float) -> np.ndarray:
    """Cubic splines along one axis after the other; the axes come first."""
    nodes = np.arange(-3.0, 4.0)
    along_tly = make_interp_spline(nodes, table, k=3, axis=0)(tly)
    return make_interp_spline(nodes, along_tly, k=3, axis=0)(tqy)


def truncated(x: float, mean: float, sd: float, low: float, high: float = np.inf) -> float:
    return float(stats.truncnorm.logpdf(x, (low - mean) / sd, (high - mean) / sd, mean, sd))


def twin_log_density(
    experiment: Experiment, table: RateTable, mass: float | None, x: float, nu: dict[str, float]
) -> float:
    """Log-density of data and nuisances, without the prior of the coupling."""
    parts = {b.name: b.values for b in experiment.backgrounds}
    counts = table.counts(mass)
    powers = np.array([1.0, x, x**2])
    total = 0.0
    for run in experiment.runs:
        signal = np.tensordot(powers, counts.sel(run=run).values, axes=1)
        mean = nu["flux"] * interpolate(signal, nu["tly"], nu["tqy"])
        mean = mean + nu["neutron"] * interpolate(
            parts["neutron"].sel(run=run).values, nu["tly"], nu["tqy"]
        )
        mean = mean + nu[f"ac_{run}"] * parts["ac"].sel(run=run).values
        mean = mean + nu["er"] * parts["er"].sel(run=run).values
        total += stats.poisson.logpmf(experiment.observed.sel(run=run).values, mean).sum()
    total += truncated(nu["flux"], 1.0, 0.12, 0.0)
    total += truncated(nu["tly"], 0.0, 1.0, -3.0, 3.0) + truncated(nu["tqy"], 0.0, 1.0, -3.0, 3.0)
    total += truncated(nu["er"], 1.0, 1.0, 0.0) + truncated(nu["neutron"], 1.0, 0.58, 0.0)
    total += sum(truncated(nu[f"ac_{run}"], 1.0, AC_WIDTH[run], 0.0) for run in experiment.runs)
    return float(total)


def random_nuisances(rng: np.random.Generator) -> dict[str, float]:
    return {
        "flux": rng.uniform(0.5, 1.5),
        "tly": rng.uniform(-2.9, 2.9),
        "tqy": rng.uniform(-2.9, 2.9),
        "er": rng.uniform(0.1, 3.0),
        "neutron": rng.uniform(0.1, 2.0),
        **{f"ac_{run}": rng.uniform(0.7, 1.3) for run in RUNS},
    }


def log_density(model: pm.Model) -> Callable[[dict[str, object]], float]:
    """Return the log-density at untransformed values, without any Jacobian, compiled once."""
    points = {rv.name: rv.type() for rv in model.free_RVs}
    values = {}
    for rv in model.free_RVs:
        transform = model.rvs_to_transforms[rv]
        point = points[rv.name]
        forward = point if transform is None else transform.forward(point, *rv.owner.inputs)
        values[model.rvs_to_values[rv]] = forward
    density = graph_replace(model.logp(jacobian=False), values)
    function = pytensor.function(list(points.values()), density)

    def at(point: dict[str, object]) -> float:
        return float(function(*(np.asarray(point[name], dtype=float) for name in points)))

    return at


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize(
    ("interaction", "mass", "products"),
    [
        ("sm", None, (0.0, 0.0)),
        ("vector-universal", 10.0, (4e-10, 4e-10, -3e-10, -3e-10)),
        ("b-l", 1.0, (2e-10, 2e-10)),
        ("scalar-universal", 100.0, (8e-10, 8e-10)),
    ],
)
def test_log_density_equals_the_slow_twin(
    xenonnt: Experiment,
    interaction: str,
    mass: float | None,
    products: tuple[float, ...],
    merged: bool,
) -> None:
    spec = replace(ModelSpec.of([xenonnt], interaction=interaction), merged=merged)
    tables = spec.tables()
    model = assemble(spec, tables, mass)
    _, prior = data_at(spec, tables, mass)
    density = log_density(model)
    rng = np.random.default_rng(12)
    for x in products:
        nu = random_nuisances(rng)
        point = {
            "flux_8b": nu["flux"],
            "xenonnt_cevns.tly": nu["tly"],
            "xenonnt_cevns.tqy": nu["tqy"],
            "xenonnt_cevns.er": nu["er"],
            "xenonnt_cevns.neutron": nu["neutron"],
            "xenonnt_cevns.ac": [nu[f"ac_{run}"] for run in RUNS],
        }
        expected = twin_log_density(xenonnt, tables[0], mass, x, nu)
        if prior is not None:
            point["coupling_coordinate"] = prior.coordinate(x)
            expected -= np.log(prior.upper - prior.lower)
        assert density(point) == pytest.approx(expected, abs=1e-6)


def test_gradient_is_that_of_finite_differences(xenonnt: Experiment) -> None:
    model = build_model([xenonnt], interaction="vector-universal", mass_mev=10.0)
    logp, dlogp = model.compile_logp(), model.compile_dlogp()
    start = model.initial_point()
    rng = np.random.default_rng(5)
    point = {k: np.asarray(v) + rng.normal(0, 0.3, np.shape(v)) for k, v in start.items()}
    gradient = dlogp(point)
    step, numeric = 1e-6, []
    for name in point:
        for index in np.ndindex(np.shape(point[name])):
            values = []
            for sign in (1, -1):
                moved = {k: np.array(v, dtype=float) for k, v in point.items()}
                moved[name][index] += sign * step
                values.append(float(logp(moved)))
            numeric.append((values[0] - values[1]) / (2 * step))
    np.testing.assert_allclose(gradient, numeric, rtol=2e-6, atol=2e-5)


def test_model_has_coords_dims_and_data(xenonnt: Experiment) -> None:
    model = build_model([xenonnt], interaction="scalar-universal", mass_mev=10.0)
    assert list(model.coords["xenonnt_cevns.run"]) == list(RUNS)
    assert model.named_vars_to_dims["xenonnt_cevns.counts"] == (
        "xenonnt_cevns.run",
        "xenonnt_cevns.bin",
    )
    assert {"xenonnt_cevns.observed", "xenonnt_cevns.rate_table", "coupling_map"} <= {
        v.name for v in model.data_vars
    }
    assert {v.name for v in model.deterministics} == {"coupling", "coupling_product"}


def test_prior_predictive_counts_are_those_of_the_tables(xenonnt: Experiment) -> None:
    model = build_model([xenonnt])
    # PyTensor's Numba backend cannot draw truncated normals; the C-less one can.
    tree = pm.sample_prior_predictive(
        200, model=model, random_seed=3, compile_kwargs={"mode": "FAST_COMPILE"}
    )
    counts = tree["prior_predictive"]["xenonnt_cevns.counts"].sum("xenonnt_cevns.bin")
    mean = counts.mean(("chain", "draw")).values
    # SM plus nominal backgrounds: 11.1, 24.9, 23.0; yields and efficiency widen them.
    np.testing.assert_allclose(mean, [11.4, 25.6, 23.6], rtol=0.08)


def test_alternative_priors_change_one_nuisance_only(xenonnt: Experiment) -> None:
    sno = build_model([xenonnt], nuisance_priors={"flux_8b": "sno"})
    mean, sd = (float(v.eval()) for v in sno["flux_8b"].owner.inputs[2:4])
    assert (mean, sd) == pytest.approx((5.25 / 5.46, 0.038 * 5.25 / 5.46), rel=2e-3)


def test_runs_can_be_chosen(xenonnt: Experiment) -> None:
    model = build_model([xenonnt.select_runs(["sr1", "sr0"])])
    assert list(model.coords["xenonnt_cevns.run"]) == ["sr0", "sr1"]
    assert model["xenonnt_cevns.observed"].eval().shape == (2, 81)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"interaction": "vectors"}, UnknownNameError, "vector-universal"),
        ({"interaction": "vector"}, ArgumentError, "needs charges"),
        ({"interaction": "b-l"}, ArgumentError, "needs a mediator mass"),
        ({"interaction": "b-l", "mass_mev": -1.0}, ArgumentError, "positive"),
        ({"interaction": "b-l", "mass_mev": np.nan}, ArgumentError, "nan"),
        ({"interaction": "b-l", "mass_mev": 1e7}, TableError, "outside the table"),
        ({"interaction": "b-l", "mass_mev": 1.0, "prior": "flatt"}, UnknownNameError, "'flat'"),
        ({"nuisance_priors": {"flux": "sno"}}, UnknownNameError, "flux_8b"),
        ({"nuisance_priors": {"flux_8b": "snow"}}, UnknownNameError, "sno"),
        ({"theory": "helm"}, ArgumentError, "expected a theory"),
    ],
)
def test_wrong_arguments_have_named_errors(
    xenonnt: Experiment, arguments: dict[str, object], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        build_model([xenonnt], **arguments)


def test_no_experiment_and_a_double_one_are_refused(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="one experiment or more"):
        build_model([])
    with pytest.raises(ArgumentError, match="named twice"):
        build_model([xenonnt, xenonnt])
