"""What rates do at the ends: of the source, of tables, of couplings, and of what a channel has."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.cli import main
from bayes_cevns.detectors import ConstantQuenching
from bayes_cevns.errors import (
    ArgumentError,
    ChannelError,
    TableError,
    UnitWarning,
    UnknownNameError,
)
from bayes_cevns.physics.interactions import NUCLEUS, Role, interaction, interactions
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import MigdalRate, build_rate, rate
from bayes_cevns.sources import Source, Spectrum, source
from bayes_cevns.specification.expected_counts import expected_counts

TAU = {"b-3l_tau", "millicharge-nu_tau", "sterile-dipole-nu_tau"}
SPIN_DEPENDENT = ("axial", "pseudoscalar", "tensor-spin", "tensor-paper-002")
ON_NUCLEI = [
    name
    for name, e in interactions().items()
    if NUCLEUS in e.scatters_on and e.axis.role is not Role.OSCILLATION
]


@pytest.mark.parametrize("name", SPIN_DEPENDENT)
def test_recoils_that_no_neutrino_reaches_are_zero_beyond_all_tables(name):
    """8B ends at 4.5 keV; the structure functions of xenon at 364 keV."""
    parts = rate(source="solar_8b", target="Xe", interaction=name).components([1.0, 500.0], 10.0)
    assert parts[2, 0] > 0
    np.testing.assert_array_equal(parts[:, 1], 0.0)


@pytest.mark.parametrize("name", SPIN_DEPENDENT)
def test_recoils_that_are_reached_beyond_a_table_are_an_error(name):
    xenon = rate(source="atmospheric", target="Xe", interaction=name)
    assert np.all(np.isfinite(xenon.components([100.0, 360.0], 10.0)))
    with pytest.raises(TableError, match=r"spin structure of Xe-1\d\d: expected q up to 29\d MeV"):
        xenon.components([100.0, 370.0], 10.0)


@pytest.mark.filterwarnings("ignore:no neutrino of:bayes_cevns.errors.UnitWarning")
@pytest.mark.parametrize("energies", [1.0, [1.0, 9.0], [[1.0, 9.0], [9.0, 2.0]], [9.0], []])
def test_reached_energies_are_those_of_one_by_one(energies):
    """8B reaches 4.5 keV on xenon."""
    xenon = rate(source="solar_8b", target="Xe", interaction="b-l")
    masses = [1.0, 100.0]
    parts = xenon.components(energies, masses)
    assert parts.shape == (3, 2, *np.shape(energies))
    for i in np.ndindex(np.shape(energies)):
        one = xenon.components(np.asarray(energies)[i], masses)
        np.testing.assert_allclose(parts[(..., *i)], one, rtol=1e-14)
        assert np.all((one != 0) == (np.asarray(energies)[i] < 4.5))


def in_gev() -> Source:
    """A flux of stopped pions whose energies are in GeV, as SNOwGLoBES has them."""
    energy = np.arange(0.0007, 0.06, 0.0005)
    return Source("stpi", {"nu_e": (Spectrum("stpi", energy, np.ones_like(energy)),)})


@pytest.mark.parametrize(
    ("channel", "target_name", "energies", "asked"),
    [
        ("cevns", "CsI", [0.1, 1.0, 5.0, 10.0], r"0.1 to 10 keV \(nuclear recoil energy\) on CsI"),
        ("electron", "Xe", [100.0], r"100 keV \(electronic recoil energy\) on Xe"),
    ],
)
def test_a_rate_of_zero_asks_about_units(channel, target_name, energies, asked):
    wrong = rate(channel, source=in_gev(), target=target_name)
    message = f"'stpi', whose highest energy is 0.0597 MeV, reaches {asked}: .* in MeV"
    with pytest.warns(UnitWarning, match=message):
        np.testing.assert_array_equal(wrong.total(energies), 0.0)
    in_mev = Source("stpi", {"nu_e": (Spectrum("s", *_times_1000(in_gev())),)})
    assert np.all(rate(channel, source=in_mev, target=target_name).total(energies) > 0)


def _times_1000(wrong: Source) -> tuple[np.ndarray, np.ndarray]:
    (flux,) = wrong.fluxes["nu_e"]
    return flux.energy_mev * 1e3, flux.flux_per_cm2_s_mev


def test_it_is_said_once_on_the_command_line(monkeypatch, capsys):
    words = ["spectrum", "--source", "solar_pp", "--target", "Xe", "--energies", "1,2"]
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert not exit_.value.code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bayes-cevns: warning: no neutrino of 'solar_pp', whose highest energy")


def test_a_source_of_ones_own():
    """An exponential flux of a research reactor; the by the public function."""
    energy = np.linspace(0.1, 8.0, 80)
    flux = Spectrum("hfir", energy, 1e12 * np.exp(-0.8 * energy))
    mine = Source("hfir", {"anti_nu_e": (flux,)})
    found = rate(source=mine, target="Ge").total([0.1, 1.0])
    direct = build_rate("cevns", source=mine, target=target("Ge"), interaction=None)
    np.testing.assert_array_equal(found, direct.total([0.1, 1.0]))
    assert np.all(found > 0)


@pytest.mark.parametrize("wrong", [None, 3, Spectrum("s", np.arange(1, 999), np.ones(998)), ["a"]])
def test_a_source_that_is_none_is_one_line(wrong):
    with pytest.raises(ArgumentError, match="expected the name of a source or a Source, got") as e:
        rate(source=wrong, target="Ge")
    assert len(str(e.value)) < 150
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("source_name", ["solar_8b", "atmospheric"])
@pytest.mark.parametrize("name", ON_NUCLEI)
def test_migdal_spectra_of_every_interaction(name, source_name):
    """Recoils of an atmospheric source go on to MeV, those behind 1 keV end at 7 keV."""
    mass = 10.0 if interaction(name).has_mass else None
    parts = rate("migdal", source=source_name, target="Xe", interaction=name).components(1.0, mass)
    assert np.all(np.isfinite(parts))
    assert parts[0] > 0
    # Atmospheric neutrinos have no nu_tau as they are produced, on which some act alone.
    only_tau = source_name == "atmospheric" and name in TAU
    assert (parts[2] > 0) != only_tau


def test_migdal_spectra_of_few_recoils_are_those_of_all():
    """The operator on the whole range of recoils, without what was left out."""
    xenon = rate("migdal", source="solar_8b", target="Xe", interaction="b-l")
    assert isinstance(xenon, MigdalRate)
    detected = np.array([0.02, 0.3, 2.0])
    operator = xenon.operator(detected)
    recoils = xenon.nuclear_recoils.components(operator.recoil_energy_kev, 10.0)
    np.testing.assert_allclose(
        xenon.components(detected, 10.0), operator.total(recoils), rtol=1e-12
    )


def test_what_migdal_has_not_is_known_before_any_energy():
    def build(**changed):
        return MigdalRate(source=source("solar_8b"), **{"target": target("Xe"), **changed})

    with pytest.raises(UnknownNameError, match="element with Migdal probabilities 'CsI'"):
        build(target=target("CsI"))
    with pytest.raises(UnknownNameError, match="unknown shell of Xe '6s'"):
        build(shells=("4d", "6s"))
    with pytest.raises(UnknownNameError, match="unknown form factor 'cube'"):
        build(theory=Theory("cube"))


def test_the_axial_charge_of_arxiv_2112_03309_is_2900_times_too_high_in_xenon():
    """Z S_p + N S_n with <S> that are those of the nucleus already; 2900 at q = 0.

    With the quark spins of that paper; with those of the lattice it is 4300.
    """
    printed, physical = (
        rate(source="solar_8b", target="Xe", interaction=name).components(1e-3, 10.0)[2]
        for name in ("axial-paper-001", "axial-legacy-spins")
    )
    assert printed / physical == pytest.approx(2900, rel=0.04)


@pytest.mark.parametrize("element", ["Ar", "Ge", "CsI"])
def test_spins_of_xenon_are_not_those_of_others(element):
    other = rate(source="solar_8b", target=element, interaction="axial-paper-001")
    with pytest.raises(ChannelError, match=r"for xenon alone, got (Ar-36|Ge-70|Cs-133)"):
        other.components(1.0, 10.0)


@pytest.mark.parametrize("x", [-0.24, 0.77, [0.0, 5.0]])
def test_a_mixing_angle_beyond_its_range_is_an_error(x):
    xenon = rate(source="solar_8b", target="Xe", interaction="weak-mixing-angle")
    with pytest.raises(ArgumentError, match=r"'weak-mixing-angle' must lie between -0\.23857 and"):
        xenon.total(1.0, coupling_product=x)


def test_ends_of_the_mixing_angle_are_inside():
    """sin^2 theta_W = 0: the proton has the vector coupling 1/2."""
    low, high = interaction("weak-mixing-angle").product_range
    xenon = rate(source="solar_8b", target="Xe", interaction="weak-mixing-angle")
    assert np.all(np.isfinite(xenon.total(1.0, coupling_product=[low, high])))
    with pytest.raises(ArgumentError, match="must lie between"):
        expected_counts(
            experiment("xenonnt_cevns"),
            interaction="weak-mixing-angle",
            coupling_product=float(np.nextafter(high, 1)),
        )


def test_what_a_channel_has_no_use_for_is_refused():
    with pytest.raises(ArgumentError, match="electrons have no form factor, got 'point-like'"):
        rate("electron", source="solar_pp", target="Xe", theory=Theory("point-like"))
    for channel in ("cevns", "migdal"):
        with pytest.raises(ArgumentError, match="no part in scattering on nuclei, got 'free'"):
            rate(channel, source="solar_8b", target="Xe", theory=Theory(atoms="free"))
    larger = Theory(parameters={"neutron_radius_scale": 1.1})
    with pytest.raises(
        ArgumentError, match="rates on electrons have no neutron_radius_scale, got 1"
    ):
        rate("electron", source="solar_pp", target="Xe", theory=larger)


@pytest.mark.parametrize("wrong", ["abc", 1j, [[1.0], [1.0, 2.0]], {}, ["1", "two"]], ids=str)
def test_words_and_rows_of_different_lengths_are_named(wrong):
    nuclei = rate(source="solar_8b", target="Xe", interaction="b-l")
    electrons = rate("electron", source="solar_pp", target="Xe", interaction="b-l")
    for one in (nuclei, electrons):
        with pytest.raises(ArgumentError, match="an energy must be a real number, or an array"):
            one.components(wrong, 10.0)
        with pytest.raises(ArgumentError, match="a mediator mass must be a real number"):
            one.components(1.0, wrong)
        with pytest.raises(ArgumentError, match="a coupling product must be a real number"):
            one.total(1.0, 10.0, wrong)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"coupling_product": 1.0}, "no coupling and no mass"),
        ({"mass_mev": 10.0}, "no coupling and no mass"),
        ({"interaction": "b-l", "mass_mev": 10.0, "coupling_product": [1.0, 2.0]}, "got several"),
    ],
)
def test_counts_ignore_nothing(given, text):
    with pytest.raises(ArgumentError, match=text):
        expected_counts(experiment("xenonnt_cevns"), **given)


def test_quenching_and_shells_of_the_migdal_effect_by_name():
    names = {"source": "solar_8b", "target": "Ge"}
    some = rate("migdal", **names, quenching=ConstantQuenching(0.2), shells=("3d",))
    every = rate("migdal", **names, quenching=ConstantQuenching(0.2))
    assert 0 < float(some.total(0.1)) < float(every.total(0.1))
    assert float(every.total(0.1)) != float(rate("migdal", **names).total(0.1))
    for channel in ("cevns", "electron"):
        with pytest.raises(ArgumentError, match="belong to the Migdal effect"):
            rate(channel, **names, shells=("3d",))
