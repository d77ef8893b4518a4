"""The ``pm.Model``: expressions against `physics`, the gradient, and mistakes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytensor
import pytest
from bayes_cevns.nsi import nsi_model, nsi_tables
from pytensor.compile.mode import Mode

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.model import build_model
from bayes_cevns.physics.oscillation import (
    COUPLINGS,
    DE_SALAS_2020,
    DETECTIONS,
    NUFIT_5_3,
    NsiCouplings,
    mean_cos_2theta,
)
from bayes_cevns.sources import source

COUNTS = "xenonnt_cevns.counts"

#: Plain Python and NumPy: nothing is compiled.
PYTHON = Mode(linker="py", optimizer=None)


def expected_counts(model: pm.Model, counts: str = COUNTS):
    """Return a function of the free couplings that gives the counts at nominal nuisances."""
    (mean,) = model[counts].owner.op.dist_params(model[counts].owner)
    free = [v for v in model.free_RVs if v.name in COUPLINGS]
    runs = {name.removesuffix(".run"): len(model.coords[name]) for name in model.coords}
    nominal = {
        v: np.full(
            (runs.get(v.name.split(".")[0], 0),) * v.type.ndim,
            0.0 if v.name.endswith(("tly", "tqy")) else 1.0,
        )
        for v in model.free_RVs
        if v not in free
    }
    return pytensor.function(free, mean, givens=nominal, mode=PYTHON, on_unused_input="ignore")


@pytest.mark.parametrize("detection", DETECTIONS)
@pytest.mark.parametrize("propagation", [True, False])
@pytest.mark.parametrize("mixing", [NUFIT_5_3, DE_SALAS_2020])
def test_expressions_are_the_physics(xenonnt, detection, propagation, mixing):
    names = COUPLINGS[::-1]  # any order
    model = nsi_model(
        [xenonnt], parameters=names, detection=detection, propagation=propagation, mixing=mixing
    )
    function = expected_counts(model)
    (table,) = nsi_tables([xenonnt])
    nominal = tuple(axis.nodes.index(0.0) for axis in xenonnt.signal_axes)
    backgrounds = sum(
        part.values.values[nominal] if part.axes else part.values.values
        for part in xenonnt.backgrounds
    )
    for values in np.random.default_rng(8).uniform(-0.3, 0.3, (3, 12)):
        couplings = NsiCouplings.of(dict(zip(names, values, strict=True)))
        on_the_way = couplings if propagation else NsiCouplings()
        mean = mean_cos_2theta(
            "8b", table.nodes.energy_mev, parameters=mixing, couplings=on_the_way
        )
        signal = table.signal_counts(
            couplings, mean_cos=mean, parameters=mixing, detection=detection
        )[nominal]
        np.testing.assert_allclose(function(*values), signal + backgrounds, rtol=2e-6)


def test_no_coupling_is_the_standard_model(xenonnt):
    found = expected_counts(nsi_model([xenonnt], parameters=["eps_ee_u"]))(0.0)
    np.testing.assert_allclose(found, expected_counts(build_model([xenonnt]))(), rtol=1e-6)


def test_density_and_gradient(xenonnt):
    """One compiled function: all couplings against finite differences, merged bins or not."""
    model = nsi_model([xenonnt], parameters=COUPLINGS)
    merged = nsi_model([xenonnt], parameters=COUPLINGS, merged=True)
    function = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    function.set_extra_values({})
    density = pytensor.function(merged.value_vars, merged.logp(), mode=PYTHON)
    rng = np.random.default_rng(9)
    for _ in range(3):
        point = {
            name: rng.normal(0.0, 0.6, np.shape(value))
            for name, value in model.initial_point().items()
        }
        vector = np.concatenate([np.ravel(point[v.name]) for v in model.value_vars])
        value, gradient = function(vector)
        assert value == pytest.approx(float(density(*(point[v.name] for v in merged.value_vars))))
        step = 1e-5
        for i in range(vector.size):
            shift = np.zeros(vector.size)
            shift[i] = step
            slope = (function(vector + shift)[0] - function(vector - shift)[0]) / (2 * step)
            assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_experiments_share_couplings_and_flux(xenonnt):
    """Each has a table of its own on common energy nodes."""
    first = replace(xenonnt.select_runs(["sr0"]), name="first")
    second = replace(xenonnt.select_runs(["sr1", "sr2"]), name="second")
    joint = nsi_model([first, second], parameters=["eps_emu_u", "eps_tautau_d"])
    free = {v.name for v in joint.free_RVs}
    assert {"eps_emu_u", "eps_tautau_d", "flux_8b", "first.ac", "second.ac"} <= free
    whole = nsi_model([xenonnt], parameters=["eps_emu_u", "eps_tautau_d"])
    values, expected = (0.13, -0.21), expected_counts(whole)(0.13, -0.21)
    parts = [expected_counts(joint, f"{name}.counts")(*values) for name in ("first", "second")]
    np.testing.assert_allclose(np.concatenate(parts), expected, rtol=2e-6)


def test_bounds(xenonnt):
    bounds = {"eps_ee_u": (-0.2, 0.5)}
    model = nsi_model([xenonnt], parameters=["eps_ee_u", "eps_mutau_d"], bounds=bounds)
    assert [v.name for v in model.free_RVs][:2] == ["eps_ee_u", "eps_mutau_d"]
    for name, (lower, upper) in (bounds | {"eps_mutau_d": (-1.0, 1.0)}).items():
        inside, outside = model[name].owner.inputs[-2:]
        assert (float(inside.eval(mode=PYTHON)), float(outside.eval(mode=PYTHON))) == (lower, upper)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"parameters": ["eps_eu_u"]}, UnknownNameError, "NSI coupling 'eps_eu_u'"),
        ({"parameters": []}, ArgumentError, "got none"),
        ({"parameters": ["eps_ee_u"] * 2}, ArgumentError, "each once"),
        ({"bounds": {"eps_ee_d": (0, 1)}}, UnknownNameError, "free NSI coupling 'eps_ee_d'"),
        ({"bounds": {"eps_ee_u": (1, 1)}}, ArgumentError, "bounds of eps_ee_u must increase"),
        ({"detection": "flavours"}, UnknownNameError, "description of detection"),
        ({"solar": "BP04"}, UnknownNameError, "solar model"),
        ({"nuisance_priors": {"flux": "sno"}}, UnknownNameError, "nuisance 'flux'"),
        ({"experiments": []}, ArgumentError, "one experiment or more"),
    ],
)
def test_wrong_arguments(xenonnt, options, error, message):
    given = {"experiments": [xenonnt], "parameters": ["eps_ee_u"]} | options
    with pytest.raises(error, match=message):
        nsi_model(given.pop("experiments"), **given)


def test_other_sources_do_not_cross_the_sun(xenonnt):
    with pytest.raises(ArgumentError, match="solar 8B"):
        nsi_model([xenonnt.with_source(source("reactor"))], parameters=["eps_ee_u"])
