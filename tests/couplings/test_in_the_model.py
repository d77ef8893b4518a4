"""The ``pm.Model`` of couplings: expressions against the tables, and the gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor
import pytest
from pytensor.compile.mode import Mode

from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.errors import ArgumentError
from bayes_cevns.model import build_model
from bayes_cevns.physics.oscillation import COUPLINGS, DETECTIONS, Propagation
from bayes_cevns.specification.model_spec import ModelSpec

#: Plain Python and NumPy: nothing is compiled.
PYTHON = Mode(linker="py", optimizer=None)
TWO = {name: Propagation(flavours="two", earth="none", detection=name) for name in DETECTIONS}


def expected_counts(model: pm.Model, name: str, nominal: dict[str, float]) -> Callable[..., float]:
    """Return a function of the couplings that gives the counts at nominal nuisances."""
    counts = f"{name}.counts"
    (mean, *_) = model[counts].owner.op.dist_params(model[counts].owner)
    free = [v for v in model.free_RVs if v.name.startswith(("eps_", "x_", "mu_", "sin2", "r2"))]
    runs = {key.removesuffix(".run"): len(model.coords[key]) for key in model.coords}
    givens = {
        v: np.full(
            (runs.get(v.name.split(".")[0], 0),) * v.type.ndim,
            nominal[v.name.split(".")[-1]],
        )
        for v in model.free_RVs
        if v not in free
    }
    return pytensor.function(free, mean, givens=givens, mode=PYTHON, on_unused_input="ignore")


def nominals(one: Experiment) -> dict[str, float]:
    return {name: float(one.card.nuisance[name].nominal) for name in one.nuisances()}


def slow_counts(one: Experiment, model: CouplingModel, values: np.ndarray) -> np.ndarray:
    """Counts of signals and backgrounds at nominal nuisances, by the tables."""
    (table,) = coupling_tables([one], model)
    places = nominals(one)

    def at_nominal(counts: np.ndarray, axes: tuple) -> np.ndarray:
        for axis in axes:
            counts = np.tensordot(axis.weights_at(places[axis.name]), counts, axes=(0, 0))
        return counts

    total = sum(
        at_nominal(spectra.counts(values).values, spectra.signal.all_axes)
        * np.prod([places[key] for key in spectra.signal.scaled_by])
        for spectra in table.spectra
    )
    return total + sum(
        at_nominal(part.values.values, part.axes) * np.prod([places[key] for key in part.scaled_by])
        for part in one.backgrounds
    )


@pytest.mark.parametrize("detection", DETECTIONS)
def test_expressions_are_the_tables_for_two_flavours(xenonnt: Experiment, detection: str) -> None:
    couplings = CouplingModel.of(COUPLINGS[::-1], propagation=TWO[detection])
    function = expected_counts(
        build_model([xenonnt], couplings=couplings), xenonnt.name, nominals(xenonnt)
    )
    for values in np.random.default_rng(8).uniform(-0.3, 0.3, (3, 12)):
        expected = slow_counts(xenonnt, couplings, values)
        np.testing.assert_allclose(function(*values), expected, rtol=1e-8)


CASES = {
    "solar": ("xenonnt_cevns", ("emu_u", "tautau_d", "etau_q_im", "mu_nu_tau"), None, {}),
    "solar, detector alone": ("xenonnt_cevns", ("emu_u", "etau_d_im"), None, {"matter": False}),
    "electrons": ("xenonnt_er", ("ee_eL", "sin2_theta_w", "mu_nu_e"), None, {"matter": False}),
    "reactor": ("conus_plus_spectrum", ("ee_u", "x_e", "mu_nu_e"), 2.0, {}),
    "runs": ("coherent_ge", ("mumu_u", "r2_nu_e"), None, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_expressions_are_the_tables(case: str) -> None:
    name, couplings, mass, options = CASES[case]
    one = experiment(name)
    model = CouplingModel.of(couplings, mass_mev=mass, **options)
    built = build_model([one], couplings=model)
    function = expected_counts(built, one.name, nominals(one))
    rng = np.random.default_rng(3)
    bounds = [built[key].owner.inputs[-2:] for key in model.names]
    ends = np.array([[float(end.eval(mode=PYTHON)) for end in pair] for pair in bounds])
    for share in rng.uniform(0.2, 0.8, (2, len(ends))):
        values = ends[:, 0] + share * (ends[:, 1] - ends[:, 0])
        expected = slow_counts(one, model, values)
        np.testing.assert_allclose(
            function(*values), expected, rtol=1e-7, atol=1e-9 * expected.max()
        )


def test_experiments_share_couplings_and_flux(xenonnt: Experiment) -> None:
    """Each has a table of its own on common energy nodes."""
    model = CouplingModel.of(["emu_u", "tautau_d"])
    first = replace(xenonnt.select_runs(["sr0"]), name="first")
    second = replace(xenonnt.select_runs(["sr1", "sr2"]), name="second")
    joint = build_model([first, second], couplings=model)
    free = {v.name for v in joint.free_RVs}
    assert {"eps_emu_u", "eps_tautau_d", "flux_8b", "first.ac", "second.ac"} <= free
    values, places = (0.13, -0.21), nominals(xenonnt)
    whole = expected_counts(build_model([xenonnt], couplings=model), xenonnt.name, places)(*values)
    parts = [expected_counts(joint, name, places)(*values) for name in ("first", "second")]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-7)


def test_bounds(xenonnt: Experiment) -> None:
    bounds = {"eps_ee_u": (-0.2, 0.5)}
    couplings = CouplingModel.of(["ee_u", "mutau_d"])
    model = build_model([xenonnt], couplings=couplings, bounds=bounds)
    assert [v.name for v in model.free_RVs][:2] == ["eps_ee_u", "eps_mutau_d"]
    for name, (lower, upper) in (bounds | {"eps_mutau_d": (-1.0, 1.0)}).items():
        inside, outside = model[name].owner.inputs[-2:]
        assert (float(inside.eval(mode=PYTHON)), float(outside.eval(mode=PYTHON))) == (lower, upper)


def test_density_and_gradient(xenonnt: Experiment) -> None:
    """One compiled function: all couplings against finite differences, merged bins or not."""
    couplings = CouplingModel.of((*COUPLINGS, "eps_emu_d_im"))
    model = build_model([xenonnt], couplings=couplings)
    function = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    function.set_extra_values({})
    rng = np.random.default_rng(9)
    for _ in range(3):
        point = {
            name: rng.normal(0.0, 0.6, np.shape(value))
            for name, value in model.initial_point().items()
        }
        vector = np.concatenate([np.ravel(point[v.name]) for v in model.value_vars])
        _, gradient = function(vector)
        step = 1e-5
        for i in range(vector.size):
            shift = np.zeros(vector.size)
            shift[i] = step
            slope = (function(vector + shift)[0] - function(vector - shift)[0]) / (2 * step)
            assert gradient[i] == pytest.approx(slope, rel=2e-5, abs=2e-5)


def test_a_migdal_signal_is_refused() -> None:
    """Couplings by name have no Migdal effect yet: one line, before anything is built."""
    one = experiment("xenonnt_cevns")
    migdal = replace(one, signals=(replace(one.signals[0], channel="migdal"),))
    with pytest.raises(ArgumentError, match="channels cevns and electron"):
        build_model([migdal], couplings=CouplingModel.of(["ee_u"]))
    assert ModelSpec.of([migdal], couplings=CouplingModel.of(["ee_u"])).experiments == (migdal,)
