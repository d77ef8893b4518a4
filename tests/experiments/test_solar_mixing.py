"""Theta_12 as a nuisance of tables of one amplitude: where it is, and the counts at its values."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

import bayes_cevns as bc
from bayes_cevns.arrays import Array
from bayes_cevns.cards.mixing import MIXING, SIN2_THETA12, THETA12_AXIS, mixing_nuisances
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.oscillation import DEFAULT_MIXING, flavour_probabilities
from bayes_cevns.sources.components import at_mixing
from bayes_cevns.sources.solar import arrival_at, solar, two_flavours
from bayes_cevns.sources.source import Source, combine
from bayes_cevns.studies.analysis_file import to_toml
from bayes_cevns.studies.catalogue import study_class
from bayes_cevns.studies.comparison.comparable import check_same_assumptions

ER, NR = "xenonnt_er", "xenonnt_cevns"
RADIATIVE = bc.Theory(weak_charges="radiative")

pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PropagationWarning")


def spec(name: str, interaction: str = "sm", **options) -> bc.ModelSpec:
    options = {"mixing": "free", **options}
    return bc.ModelSpec.of([bc.experiment(name)], interaction=interaction, **options)


def nuisances(found: bc.ModelSpec) -> set[str]:
    return {*MIXING} & {name for e in found.experiments for name in e.nuisances()}


@pytest.mark.parametrize(
    ("name", "interaction", "options"),
    [
        (ER, "sm", {}),
        (ER, "magnetic-moment", {}),
        (ER, "b-l", {}),
        (NR, "sm", {"theory": RADIATIVE}),
        (NR, "b-3l_mu", {}),
        (NR, "l_mu-l_tau", {}),
        (NR, "sterile-dipole-nu_mu", {}),
    ],
)
def test_it_is_there_where_flavours_matter(name, interaction, options):
    found = spec(name, interaction, **options)
    assert nuisances(found) == nuisances(found.merging_bins()) == {SIN2_THETA12}
    assert nuisances(spec(name, interaction, mixing="fixed", **options)) == set()


@pytest.mark.parametrize(
    ("name", "interaction", "options"),
    [
        (NR, "sm", {}),
        (NR, "b-l", {}),
        (NR, "magnetic-moment", {}),
        (NR, "axial", {}),
        ("coherent_csi", "b-3l_mu", {}),
        ("conus_plus", "magnetic-moment", {"theory": RADIATIVE}),
    ],
)
def test_it_is_not_where_flavours_do_not_matter(name, interaction, options):
    """Nuclei that see all flavours alike; neutrinos that are not of the Sun."""
    found = spec(name, interaction, **options)
    assert nuisances(found) == set()
    fixed = spec(name, interaction, mixing="fixed", **options)
    mass_mev = 1.0 if found.interaction and found.interaction.has_mass else None
    same, other = (one.tables()[0].coefficients(mass_mev) for one in (found, fixed))
    np.testing.assert_array_equal(same, other)


def twin(source: Source, sin2_theta12: float) -> Source:
    """Return a solar source made from the start, with probabilities of another mixing."""
    mixing = replace(DEFAULT_MIXING, sin2_theta12=sin2_theta12)

    def arrival(component: str, energy_mev: Array) -> Array:
        energies = np.maximum(energy_mev, 1e-6)
        assert source.latitude_deg is not None
        return flavour_probabilities(
            component, energies, latitude_deg=source.latitude_deg, parameters=mixing
        )

    words = source.name.removeprefix("solar_")
    parts = ("13n", "15o", "17f") if words == "cno" else (words,)
    return combine(source.name, *(solar(part, arrival=arrival) for part in parts))


@pytest.mark.parametrize("name", ["solar_pp", "solar_7be", "solar_cno", "solar_8b"])
def test_a_source_at_another_mixing(name):
    source = bc.source(name, latitude_deg=28.15)
    assert source.latitude_deg == 28.15
    expected = twin(source, 0.27).inverse_moments(np.array([0.1, 0.3]))
    mixing = replace(DEFAULT_MIXING, sin2_theta12=0.27)
    found = at_mixing(source, mixing)
    np.testing.assert_allclose(found.inverse_moments(np.array([0.1, 0.3])), expected, rtol=1e-12)
    assert found.cite == source.cite
    same = at_mixing(source.scaled(2.0), DEFAULT_MIXING).by_flavour()
    assert same == pytest.approx(source.scaled(2.0).by_flavour(), rel=1e-12)


def test_what_is_not_of_the_sun_stays():
    source = bc.source("solar_atmospheric_dsnb")
    found = at_mixing(source, replace(DEFAULT_MIXING, sin2_theta12=0.2))
    assert found.by_flavour()["anti_nu_e"] == source.by_flavour()["anti_nu_e"]
    assert found.by_flavour()["nu_e"] != pytest.approx(source.by_flavour()["nu_e"], rel=0.01)
    assert found.total_per_cm2_s == pytest.approx(source.total_per_cm2_s, rel=1e-12)


def interpolated(table: RateTable, mass_mev: float | None, sin2_theta12: float) -> Array:
    """Return counts at the nominal other nuisances, shape (component, run, bin)."""
    counts = table.counts(mass_mev)
    for axis in table.experiment.signal_axes:
        at = table.experiment.card.nuisance[axis.name].nominal
        place = sin2_theta12 if axis == THETA12_AXIS else at
        number = counts.get_axis_num(axis.name)
        spline = make_interp_spline(np.asarray(axis.nodes), counts.values, k=3, axis=number)
        counts = counts.isel({axis.name: 0}).copy(data=spline(place))
    return counts.values


@pytest.mark.parametrize(
    ("name", "interaction", "mass_mev", "theory"),
    [
        (ER, "magnetic-moment", None, bc.Theory()),
        (NR, "b-3l_mu", 30.0, bc.Theory()),
        (NR, "sm", None, RADIATIVE),
    ],
)
@pytest.mark.parametrize(
    ("place", "within"), [(0.17, 1e-4), (0.295, 3e-6), (0.3085, 3e-6), (0.335, 3e-6), (0.5, 1e-4)]
)
def test_counts_are_those_of_a_source_of_this_mixing(
    name, interaction, mass_mev, theory, place, within
):
    (table,) = spec(name, interaction, theory=theory).tables()
    found = interpolated(table, mass_mev, place)
    fixed = bc.experiment(name)
    signals = tuple(replace(s, source=twin(s.source, place)) for s in fixed.signals)
    other = RateTable(replace(fixed, signals=signals), table.interaction, theory)
    expected = interpolated(other, mass_mev, place)
    np.testing.assert_allclose(found, expected, rtol=within, atol=within * expected.max())


def test_one_standard_deviation_moves_electrons_by_less_than_a_percent():
    """The numbers of docs/design/propagation.md: 0.6% by theta_12, below 0.1% by dm21."""
    for name in ("solar_pp", "solar_7be", "solar_pep", "solar_cno"):
        source = bc.source(name)
        by_theta12 = replace(DEFAULT_MIXING, sin2_theta12=0.3085 + 0.0073)
        by_dm21 = replace(DEFAULT_MIXING, dm21_ev2=7.58e-5)
        before, theta12, dm21 = (
            float(bc.rate("electron", source=each, target="Xe").total(30.0))
            for each in (source, at_mixing(source, by_theta12), at_mixing(source, by_dm21))
        )
        assert theta12 / before - 1 == pytest.approx(-0.0058, abs=0.0004)
        assert abs(dm21 / before - 1) < 7e-4


def test_priors_end_within_the_nodes():
    for prior in mixing_nuisances()[SIN2_THETA12].priors.values():
        assert THETA12_AXIS.nodes[0] <= prior.support[0] < prior.support[1]
        assert prior.support[1] <= THETA12_AXIS.nodes[-1]
    chosen = spec(ER, nuisance_priors={SIN2_THETA12: "kamland"})
    assert dict(chosen.nuisance_priors) == {SIN2_THETA12: "kamland"}
    with pytest.raises(ArgumentError, match=r"0\.15 to 0\.56"):
        spec(ER, nuisance_priors={SIN2_THETA12: "uniform:0:1"})
    with pytest.raises(UnknownNameError, match="nuisance"):
        spec(NR, nuisance_priors={SIN2_THETA12: "juno"})


def test_flavours_that_were_given_have_no_mixing():
    def half(_: str, energy_mev: Array) -> Array:
        return np.full(energy_mev.shape, 0.5)

    one = bc.experiment(NR)
    dark = replace(DEFAULT_MIXING, sin2_theta12=0.2)
    for source in (
        solar("8b", arrival=two_flavours(half)),
        solar("8b"),
        bc.source("solar_8b").select("nu_e"),
        solar("8b", arrival=arrival_at(0.0, dark)),
    ):
        changed = one.with_source(source)
        with pytest.raises(ArgumentError, match="solar neutrinos of the catalogue"):
            bc.ModelSpec.of([changed], theory=RADIATIVE, mixing="free")
        assert nuisances(bc.ModelSpec.of([changed], theory=RADIATIVE)) == set()
        assert nuisances(bc.ModelSpec.of([changed], mixing="free")) == set()
    made = solar("8b", arrival=arrival_at(28.15))
    assert made.latitude_deg == 28.15


def test_one_option_for_couplings_and_interactions():
    """Couplings that are free make the model free, and the other way round."""
    couplings = CouplingModel.of(["eps_ee_eL"])
    given = spec(ER, couplings=couplings)
    theirs = spec(ER, couplings=replace(couplings, mixing="free"), mixing="fixed")
    assert given.mixing == theirs.mixing == "free"
    assert given.couplings == theirs.couplings
    assert nuisances(given) == nuisances(theirs) == {*MIXING}
    with pytest.raises(UnknownNameError, match="mixing"):
        spec(ER, mixing="loose")


def test_a_model_has_it_with_a_gradient():
    model = bc.build_model([bc.experiment(ER)], interaction="magnetic-moment", mixing="free")
    variable = model[SIN2_THETA12]
    value = model.rvs_to_values[variable]
    density, slope = model.compile_logp(), model.compile_dlogp([variable])
    start = model.initial_point()
    ends = [density({**start, value.name: start[value.name] + step}) for step in (-1e-3, 1e-3)]
    assert slope(start)[0] == pytest.approx((ends[1] - ends[0]) / 2e-3, rel=1e-4)
    fixed = bc.build_model([bc.experiment(ER)], interaction="magnetic-moment")
    assert SIN2_THETA12 not in fixed.named_vars


def study(**words):
    experiments = [bc.experiment(ER)]
    return study_class("profile")(experiments=experiments, interaction="magnetic-moment", **words)


def test_an_analysis_file_holds_it(tmp_path):
    asked = study(mixing="free", nuisance_priors={SIN2_THETA12: "juno"})
    assert asked.spec.mixing == "free"
    file = tmp_path / "analysis.toml"
    file.write_text(to_toml(asked), encoding="utf-8")
    assert 'mixing = "free"' in file.read_text()
    again = bc.read_analysis(file)
    assert again.request() == asked.request() != study().request()
    assert (asked.request()["mixing"], study().request()["mixing"]) == ("free", "fixed")


def test_models_of_different_mixing_are_not_compared():
    """Where one of two models tells flavours apart, their cards are the same all the same."""
    free = [spec(NR), spec(NR, "b-3l_mu")]
    assert [nuisances(one) for one in free] == [set(), {SIN2_THETA12}]
    one, two = (SimpleNamespace(spec=each, label="model") for each in free)
    check_same_assumptions([one, two])
    other = SimpleNamespace(spec=spec(NR, mixing="fixed"), label="other")
    with pytest.raises(ArgumentError, match="mixing 'free', other with 'fixed'"):
        check_same_assumptions([one, other])
