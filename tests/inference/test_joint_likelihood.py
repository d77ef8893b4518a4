"""The likelihood for other programs: that of the ``pm.Model``, in natural parameters."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from scipy.integrate import quad
from scipy.optimize import approx_fprime

import bayes_cevns as bc
from bayes_cevns.couplings.amplitude_prior import AmplitudePrior
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.inference.joint_likelihood import JointLikelihood

_BY_PYTHON = Mode(linker="py", optimizer=None)

CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "few nuisances": ("conus_plus", {"interaction": "b-l", "mass_mev": 10.0}),
    "a sign": ("xenonnt_cevns", {"interaction": "vector-universal", "mass_mev": 10.0}),
    "flat in the rate": (
        "xenonnt_cevns",
        {"interaction": "vector-universal", "mass_mev": 10.0, "prior": "flat-rate"},
    ),
    "log": ("conus_plus", {"interaction": "scalar-universal", "mass_mev": 1.0, "prior": "log"}),
    "log with a sign": (
        "conus_plus",
        {"interaction": "vector-universal", "mass_mev": 1.0, "prior": "log"},
    ),
    "uniform nuisances": ("dresden_ii", {"interaction": "scalar-universal", "mass_mev": 5.0}),
    "no mass": ("xenonnt_er", {"interaction": "magnetic-moment"}),
    "correlated errors": ("conus_plus_spectrum", {"interaction": "b-l", "mass_mev": 10.0}),
    "Standard Model": ("coherent_ge_counts", {}),
    "joint": (
        ["coherent_csi", "coherent_ge_counts", "xenonnt_2024"],
        {"interaction": "b-l", "mass_mev": 10.0},
    ),
    "another prior of a nuisance": (
        "lz_8b_number",
        {"interaction": "b-l", "mass_mev": 10.0, "nuisance_priors": {"flux_8b": "sno"}},
    ),
    "couplings by name": (
        ["coherent_csi", "xenonnt_2024"],
        {"couplings": bc.CouplingModel.of(["eps_ee_u", "eps_emu_d"])},
    ),
}


@pytest.fixture(scope="module", params=CASES, ids=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[JointLikelihood, pm.Model]:
    experiments, asked = CASES[request.param]
    return bc.likelihood(experiments, **asked), bc.build_model(experiments, **asked)


def terms(model: pm.Model) -> tuple[Any, list[Any]]:
    """A function of all value variables, one vector: parameters, d/du of each, ln p and its slope.

    Parameters are those of the model in its order, with x in place of its coordinate; ln p is that
    of the counts.
    """
    values = [model.rvs_to_values[rv] for rv in model.free_RVs]
    natural, rises = [], []
    for rv, value in zip(model.free_RVs, values, strict=True):
        transform = model.rvs_to_transforms[rv]
        own = value if transform is None else transform.backward(value, *rv.owner.inputs)
        natural.append(own)
        rises.append(pt.grad(own.sum(), value))
    likelihood = pt.add(*[t.sum() for t in model.logp(vars=model.observed_RVs, sum=False)], 0.0)
    slopes = pt.grad(likelihood, values)
    priors = pt.stack(
        [
            t.sum()
            for t in model.logp(
                vars=[rv for rv in model.free_RVs if rv.name != "coupling_coordinate"],
                jacobian=False,
                sum=False,
            )
        ]
        or [pt.zeros(())]
    )
    outputs = [*natural, *rises, likelihood, *slopes, priors.sum()]
    return pytensor.function(values, outputs, mode=_BY_PYTHON, on_unused_input="ignore"), values


def runs_of(model: pm.Model, rv: Any) -> Any:
    return model.coords[model.named_vars_to_dims[rv.name][0]]


def test_value_and_gradient_are_those_of_the_graph(case):
    like, model = case
    function, values = terms(model)
    start, random = model.initial_point(), np.random.default_rng(3)
    finite = 0
    for _ in range(3):
        given = [start[v.name] + random.uniform(-0.3, 0.3, np.shape(start[v.name])) for v in values]
        found = [np.asarray(f, dtype=float).ravel() for f in function(*given)]
        n = len(values)
        point, rise = np.concatenate(found[:n]), np.concatenate(found[n : 2 * n])
        slope, log_nuisances = np.concatenate(found[2 * n + 1 : -1]), found[-1][0]
        prior = like.coupling_prior
        first = 0
        if prior is not None:
            t, first = point[0], 1
            point[0] = prior.product(t)
            # dx/dt, with the sign of t where x is |x|
            turned = 1.0 if prior.signed or t > 0 else -1.0
            rise[0] *= turned / prior.density(point[0])
        assert like.names[first:] == tuple(
            name
            for rv in model.free_RVs
            if rv.name != "coupling_coordinate"
            for name in (
                [rv.name] if rv.ndim == 0 else [f"{rv.name}[{run}]" for run in runs_of(model, rv)]
            )
        )
        if not np.isfinite(found[2 * n][0]):
            assert like(point) == -np.inf
            continue
        finite += 1
        assert like(point) == pytest.approx(found[2 * n][0], rel=1e-11, abs=1e-9)
        expected = slope / rise
        np.testing.assert_allclose(like.gradient(point), expected, rtol=2e-8)
        # PyMC's norm of a truncated normal density is off by up to 1e-7.
        own = sum(p.log_density(v) for p, v in zip(like.priors[first:], point[first:], strict=True))
        assert own == pytest.approx(log_nuisances, abs=1e-7 * max(1, len(point)))
        in_all = own + (like.priors[0].log_density(point[0]) if first else 0.0)
        assert like.log_prior(point) == pytest.approx(in_all, abs=1e-12)
        total = like.log_likelihood(point) + like.log_prior(point)
        assert like.log_posterior(point) == total
    assert finite


def test_slopes_of_priors_are_those_of_their_densities(case):
    like, _ = case
    random = np.random.default_rng(5)
    for _ in range(3):
        point = like.from_unit_cube(random.uniform(0.1, 0.9, len(like.names)))
        for place, prior in enumerate(like.priors):
            width = abs(prior.quantile(0.8) - prior.quantile(0.2))
            step = 1e-5 * min(width, abs(point[place]))
            ends = prior.log_density(point[place] + np.array([-step, step]))
            slope = (ends[1] - ends[0]) / (2 * step)
            found = like.log_prior_gradient(point)[place]
            assert found == pytest.approx(slope, rel=1e-4, abs=1e-4 / width)


def test_nothing_is_nan_outside_the_bounds(case):
    like, _ = case
    inside = like.medians
    for place, (low, high) in enumerate(like.bounds):
        for end in (low - max(1e-3, abs(low)), high + max(1e-3, abs(high)), np.nan, np.inf):
            if end == -np.inf:
                continue
            point = inside.copy()
            point[place] = end
            for value in (like(point), like.log_prior(point), like.log_posterior(point)):
                assert value == -np.inf
            for gradient in (like.gradient, like.log_prior_gradient, like.log_posterior_gradient):
                assert np.all(gradient(point) == 0.0)


@pytest.mark.parametrize("prior", ["flat", "flat-rate", "log"])
@pytest.mark.parametrize("name", ["scalar-universal", "b-l", "vector-universal"])
def test_the_prior_of_x_is_the_density_of_its_quantiles(name, prior):
    like = bc.likelihood("conus_plus", interaction=name, mass_mev=10.0, prior=prior)
    own = like.priors[0]
    assert isinstance(own, AmplitudePrior)
    low, high = own.support
    ends = own.quantile([0.0, 1.0])
    np.testing.assert_allclose(ends, [low, high], rtol=1e-12)
    shares, step = np.array([0.04, 0.3, 0.55, 0.9]), 1e-6
    x = own.quantile(shares)
    spread = own.quantile(shares + step) - own.quantile(shares - step)
    np.testing.assert_allclose(np.exp(own.log_density(x)), 2 * step / spread, rtol=1e-6)


def test_a_gap_of_a_signed_log_prior_has_no_density():
    like = bc.likelihood("conus_plus", interaction="vector-universal", mass_mev=10.0, prior="log")
    point = like.medians
    assert np.isfinite(like.log_prior(point))
    point[0] *= 0.5
    assert np.isfinite(like(point))
    assert like.log_prior(point) == like.log_posterior(point) == -np.inf


def test_the_evidence_of_two_parameters_is_that_of_an_integral():
    """Over the unit cube, on which nested samplers integrate, and over the parameters."""
    like = bc.likelihood("lz_8b_number", interaction="b-l", mass_mev=10.0)
    assert like.names == ("coupling_product", "flux_8b")
    grids = [(np.arange(n) + 0.5) / n for n in (400, 400)]
    cube = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1)
    by_cube = np.exp(like(like.from_unit_cube(cube))).mean()
    (low, high), flux = like.bounds[0], like.priors[1].quantile([1e-9, 1 - 1e-9])

    def over_flux(x: float) -> float:
        nodes = np.linspace(*flux, 401)
        points = np.stack([np.full(401, x), nodes], axis=-1)
        return float(np.trapezoid(np.exp(like.log_posterior(points)), nodes))

    by_integral = quad(over_flux, low, high, limit=200)[0]
    assert by_cube == pytest.approx(by_integral, rel=2e-3)


def test_many_points_are_as_one_by_one():
    like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    cube = np.random.default_rng(0).uniform(size=(2, 3, 4))
    points = like.from_unit_cube(cube)
    assert like(points).shape == like.log_prior(points).shape == (2, 3)
    assert like.gradient(points).shape == (2, 3, 4)
    for index in np.ndindex(2, 3):
        assert like(points)[index] == like(points[index])
        np.testing.assert_array_equal(like.gradient(points)[index], like.gradient(points[index]))
    assert isinstance(like(points[0, 0]), float)
    assert like(np.empty((0, 4))).shape == (0,)


def test_it_can_be_pickled_and_has_names():
    like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    point = like.point({"coupling_product": 1e-10, "conus_plus.normalisation": 1.02})
    assert pickle.loads(pickle.dumps(like))(point) == like(point)
    assert like.quoted(point) == pytest.approx(1e-5)
    assert "conus_plus.normalisation" in repr(like)


def test_merged_bins_are_those_of_the_whole_likelihood():
    """Bins without events are merged; the gradient by finite differences."""
    like = bc.likelihood("xenonnt_2024", interaction="b-l", mass_mev=10.0)
    point = like.point({"coupling_product": 1e-11})
    steps = 1e-6 * np.array([p.quantile(0.8) - p.quantile(0.2) for p in like.priors])
    slope = approx_fprime(point, like, steps)
    np.testing.assert_allclose(like.gradient(point), slope, rtol=2e-3, atol=1e-3)


def test_couplings_are_given_by_name():
    names = ["eps_ee_u", "eps_ee_d"]
    like = bc.likelihood("coherent_csi", couplings=names, bounds={"eps_ee_u": (-0.5, 0.5)})
    assert like.names[:2] == ("eps_ee_u", "eps_ee_d")
    np.testing.assert_array_equal(like.bounds[:2], [[-0.5, 0.5], [-1.0, 1.0]])
    same = bc.likelihood("coherent_csi", couplings=bc.CouplingModel.of(names))
    assert same(like.point({"eps_ee_u": 0.1})) == like(like.point({"eps_ee_u": 0.1}))
    heavy = bc.likelihood("coherent_csi", couplings=["x_u"], mass_mev=10.0)
    assert heavy.spec.couplings.mass_mev == 10.0


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (
            [1.0],
            r"a point has 4 numbers \(coupling_product, .*expected an array of shape .*4\), got",
        ),
        (1.0, r"got \(\)"),
        (np.zeros((4, 3)), r"got \(4, 3\)"),
        (["a"] * 4, "must be a real number"),
        ([1j] * 4, "must be a real number"),
        ([[1, 2], [3]], "must be a real number"),
        (None, "must be a real number|a point has 4 numbers"),
    ],
)
def test_what_is_no_point_is_an_error(point, text):
    like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    for method in (like, like.gradient, like.log_prior, like.log_posterior_gradient):
        with pytest.raises(ArgumentError, match=text):
            method(point)


def test_wrong_requests_are_errors():
    like = bc.likelihood("conus_plus", interaction="b-l", mass_mev=10.0)
    with pytest.raises(ArgumentError, match="from 0 to 1 in the unit cube"):
        like.from_unit_cube([0.5, 0.5, 0.5, 1.5])
    with pytest.raises(UnknownNameError, match="unknown parameter 'flux'"):
        like.point({"flux": 1.0})
    with pytest.raises(ArgumentError, match="this one has no x"):
        bc.likelihood("conus_plus").quoted([1.0, 0.0, 0.0])
    with pytest.raises(ArgumentError, match="mass"):
        bc.likelihood("conus_plus", interaction="b-l")
    with pytest.raises(ArgumentError, match="no observed counts"):
        bc.likelihood("connie", interaction="b-l", mass_mev=10.0)
    dark = bc.CouplingModel.of(["eps_ee_u"], mixing="free", octant="lma-d")
    with pytest.raises(ArgumentError, match="below 45 degrees"):
        bc.likelihood("xenonnt_2024", couplings=dark)
