"""Theta_12 and dm21 as nuisances of couplings, and the octants of theta_12."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

import bayes_cevns as bc
from bayes_cevns.cards.mixing import MIXING, mixing_nuisances
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.propagation_tables import at_mixing
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.density.data import matter_data
from bayes_cevns.density.parts import Place, SolarWay
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.modes.octants import is_dark
from bayes_cevns.model.couplings import arriving_states
from bayes_cevns.physics.oscillation import Propagation
from bayes_cevns.specification.variables import OCTANT
from bayes_cevns.studies.coupling_fits import octant_weights

XENONNT, ER, CSI = "xenonnt_cevns", "xenonnt_er", "coherent_csi"


def spec(experiment: str, *names: str, **options) -> bc.ModelSpec:
    nuisance_priors = options.pop("nuisance_priors", None)
    model = CouplingModel.of(names, mixing="free", **options)
    return bc.ModelSpec.of(
        [bc.experiment(experiment)], couplings=model, nuisance_priors=nuisance_priors
    )


def nuisances(found: bc.ModelSpec) -> set[str]:
    return {*MIXING} & {name for e in found.experiments for name in e.nuisances()}


@pytest.mark.parametrize(
    ("experiment", "names"),
    [
        (XENONNT, ["eps_ee_u"]),
        (XENONNT, ["eps_mutau_d"]),
        (XENONNT, ["r2_nu_e"]),
        (ER, ["eps_ee_eL"]),
        (ER, ["sin2_theta_w"]),
        (ER, ["eps_u"]),
    ],
)
def test_they_are_there_where_flavours_matter(experiment, names):
    found = spec(experiment, *names)
    assert nuisances(found) == {*MIXING}
    assert nuisances(found.merging_bins()) == {*MIXING}
    fixed = bc.ModelSpec.of([bc.experiment(experiment)], couplings=CouplingModel.of(names))
    assert nuisances(fixed) == set()


@pytest.mark.parametrize(
    ("experiment", "name"), [(XENONNT, "eps_u"), (XENONNT, "sin2_theta_w"), (CSI, "eps_ee_u")]
)
def test_they_are_not_where_flavours_do_not_matter(experiment, name):
    """Nuclei and couplings that are alike for all flavours; neutrinos that are not of the Sun."""
    assert nuisances(spec(experiment, name)) == set()


def test_their_priors_are_those_of_the_default_mixing():
    prior, default = mixing_nuisances(), Propagation().parameters
    assert prior["sin2_theta12"].prior.centre == default.sin2_theta12
    assert prior["delta_m21"].prior.centre * 1e-5 == pytest.approx(default.dm21_ev2, rel=1e-12)
    assert all(each.shared for each in prior.values())
    chosen = spec(XENONNT, "eps_ee_u", nuisance_priors={"sin2_theta12": "juno"})
    assert dict(chosen.nuisance_priors) == {"sin2_theta12": "juno"}
    with pytest.raises(UnknownNameError, match="alternative prior of sin2_theta12"):
        spec(XENONNT, "eps_ee_u", nuisance_priors={"sin2_theta12": "pdg"})
    with pytest.raises(UnknownNameError, match="nuisance"):
        spec(XENONNT, "eps_u", nuisance_priors={"sin2_theta12": "juno"})


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"mixing": "fixed", "octant": "both"}, ArgumentError, 'mixing "free"'),
        ({"mixing": "loose"}, UnknownNameError, "mixing"),
        ({"octant": "dark"}, UnknownNameError, "octant"),
        (
            {"mixing": "free", "propagation": Propagation(earth="none", flavours="two")},
            ArgumentError,
            "two flavours",
        ),
    ],
)
def test_what_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        CouplingModel.of(["eps_ee_u"], **options)


def test_states_are_those_of_the_mixing():
    """The states in a model against the twin, in both octants, away from the nominal mixing."""
    model = CouplingModel.of(["eps_ee_u", "eps_mutau_d"], mixing="free", octant="both")
    tables = coupling_tables([bc.experiment(XENONNT)], model)
    data = matter_data(spec(XENONNT, *model.names, octant="both"), tables)
    assert data[OCTANT] == 0.0
    couplings, sine, dm21 = pt.vector("couplings", shape=(2,)), pt.scalar("s"), pt.scalar("m")
    with pm.Model() as built:
        mixing = {"sin2_theta12": sine, "delta_m21": dm21}
        (way,) = {way for table in tables for way, _, _ in table.arriving}
        energies = tables[0].nodes[way.component].energy_mev
        places = {name: Place(name) for name in mixing}
        ways = [SolarWay(way, model.propagation_to(way), energies, places)]
        nuisances = SimpleNamespace(at=lambda place: mixing[place.name])
        (states,) = arriving_states(ways, couplings, data, nuisances).values()
    function = pytensor.function([couplings, sine, dm21], states, mode="NUMBA")
    values = np.array([-0.4, 0.2])
    matter = np.tensordot(values, model.matter_slopes, axes=1)
    for octant, place in ((0.0, 0.295), (1.0, 0.705)):
        built.set_data(OCTANT, np.array(octant))
        twin = at_mixing(model.propagation_to(way), place, 7.6e-5).density(energies, matter)
        np.testing.assert_allclose(function(values, 0.295, 7.6), twin, rtol=0, atol=2e-5)


def test_without_a_way_they_act_as_well():
    """Couplings in the detector alone: states depend on the mixing, and not on the couplings."""
    model = CouplingModel.of(["eps_mutau_u"], mixing="free", matter=False)
    (table,) = coupling_tables([bc.experiment(XENONNT)], model)
    assert len(table.arriving) == 1
    assert not model.matter_slopes.any()
    fixed = CouplingModel.of(["eps_mutau_u"], matter=False)
    (other,) = coupling_tables([bc.experiment(XENONNT)], fixed)
    assert not other.arriving
    for value in (0.0, 0.3, -0.5):
        counts = table.nominal_counts(np.array([value]))
        assert counts == pytest.approx(other.nominal_counts(np.array([value])), rel=1e-9)


@pytest.fixture(scope="module")
def engine():
    settings = bc.SamplerSettings(draws=60, cores=1, gate=Gate(rhat_max=9.0, ess_min=1.0))
    return Engine(spec(XENONNT, "eps_ee_u", octant="both"), settings)


def test_gradient_of_a_model(engine):
    """Of the log-density in all coordinates, theta_12 and dm21 among them, in both octants."""
    sampler, tables = engine.compile(), engine.tables
    data = matter_data(engine.spec, tables)
    for octant in (0.0, 1.0):
        density = sampler.density({**data, OCTANT: np.array(octant)})
        point = sampler.starts[0]
        gradient = density(point)[1]
        for i, step in enumerate(1e-5 * np.eye(point.size)):
            expected = (density(point + step)[0] - density(point - step)[0]) / 2e-5
            assert gradient[i] == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_fit_names_the_octant_of_each_branch(engine):
    fit = engine.fit(seed=1)
    octants = fit.quality["octant"].values.tolist()
    assert set(octants) == {"LMA", "LMA-D"}
    for number, octant in enumerate(octants):
        sine = fit.posterior["sin2_theta12"].isel(branch=number).values
        assert np.all((sine > 0.5) == (octant == "LMA-D"))
    weights = octant_weights(fit)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert 0.1 < weights["LMA-D"] < 0.7


@pytest.mark.parametrize(("octant", "share"), [("lma", 0.0), ("lma-d", 1.0), ("both", 0.5)])
def test_draws_of_the_prior_have_the_octants(octant, share):
    model = CouplingModel.of(["eps_ee_u"], mixing="free", octant=octant)
    assert is_dark(model, 100).mean() == share
