"""Solar neutrinos: published totals, kinematic end points, flavours."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.constants import ELECTRON_MASS_MEV
from bayes_cevns.physics.oscillation import flavour_probabilities, survival_probability
from bayes_cevns.sources import (
    Line,
    Spectrum,
    boron8,
    published_fluxes,
    solar,
    solar_flux,
    source,
)
from bayes_cevns.sources.solar import COMPONENTS, two_flavours

#: Vinyoles et al., Astrophys. J. 835 (2017) 202, table 6, in 1/(cm2 s).
B16_GS98 = {
    "pp": 5.98e10,
    "pep": 1.44e8,
    "7be": 4.93e9,
    "8b": 5.46e6,
    "hep": 7.98e3,
    "13n": 2.78e8,
    "15o": 2.05e8,
    "17f": 5.29e6,
}
B16_AGSS09MET = {
    "pp": 6.03e10,
    "pep": 1.46e8,
    "7be": 4.50e9,
    "8b": 4.50e6,
    "hep": 8.25e3,
    "13n": 2.04e8,
    "15o": 1.44e8,
    "17f": 3.26e6,
}
QUERIES = np.geomspace(0.01, 20, 30)


def survival(component, energy):
    """Falls from vacuum to matter mixing, otherwise for each component."""
    return (0.55 - 0.2 * energy / (energy + 3)) * (1 - 0.01 * len(component))


@pytest.mark.parametrize(
    ("model", "totals"), [("b16-gs98", B16_GS98), ("b16-agss09met", B16_AGSS09MET)]
)
def test_published_totals(model, totals):
    assert set(totals) == set(COMPONENTS)
    for component, total in totals.items():
        fluxes = solar_flux(component, model=model)
        assert sum(flux.total_per_cm2_s for flux in fluxes) == pytest.approx(total, rel=1e-12)
    whole = solar(model=model)
    assert whole.total_per_cm2_s == pytest.approx(sum(totals.values()), rel=1e-12)


@pytest.mark.parametrize(
    ("model", "total"), [("b23-sf3-gs98", 5.025e6), ("b23-sf3-agss09", 4.135e6), ("sno", 5.25e6)]
)
def test_other_models_of_8b(model, total):
    """Herrera and Serenelli, doi:10.5281/zenodo.10822316; SNO, arXiv:1109.0763."""
    (flux,) = solar_flux("8b", model=model)
    assert flux.total_per_cm2_s == pytest.approx(total, rel=1e-12)


def test_uncertainties():
    """The same tables: relative standard deviations of B16-GS98 and of B23-SF3-GS98."""
    b16 = published_fluxes()["b16-gs98"]
    found = [b16[component]["relative_uncertainty"] for component in COMPONENTS]
    assert found == [0.006, 0.010, 0.06, 0.12, 0.30, 0.15, 0.17, 0.20]
    b23 = published_fluxes()["b23-sf3-gs98"]
    assert b23["8b"]["relative_uncertainty"] == 0.1255
    for fluxes in published_fluxes().values():
        for entry in fluxes.values():
            assert 0 < entry["relative_uncertainty"] < 0.4


def test_the_luminosity_of_the_sun():
    """26.73 MeV per two neutrinos, less their energy: 8.5e11 MeV/(cm2 s), within 2%.

    Bahcall, Phys. Rev. C 65 (2002) 025801: energies released to heat per neutrino, in MeV.
    """
    heat = {"pp": 13.0987, "pep": 11.9193, "7be": 12.6008, "8b": 6.6305, "hep": 3.7370}
    heat |= {"13n": 3.4577, "15o": 21.5706, "17f": 2.363}
    total = sum(
        value * sum(flux.total_per_cm2_s for flux in solar_flux(component))
        for component, value in heat.items()
    )
    assert total == pytest.approx(8.5272e11, rel=0.02)


@pytest.mark.parametrize(
    ("component", "end_mev", "mean_mev"),
    # Mean energies: Bahcall, Neutrino Astrophysics (1989), table 6.1, and his web page.
    [
        ("pp", 0.4234, 0.2668),
        ("13n", 1.199, 0.7063),
        ("15o", 1.732, 0.9964),
        ("17f", 1.740, 0.9977),
        ("8b", 16.34, 6.735),
        ("hep", 18.784, 9.628),
    ],
)
def test_end_points_and_mean_energies(component, end_mev, mean_mev):
    (flux,) = solar_flux(component)
    assert isinstance(flux, Spectrum)
    energy, density = flux.energy_mev, flux.flux_per_cm2_s_mev
    last = energy[np.flatnonzero(density)[-1] + 1]
    assert last == pytest.approx(end_mev, abs=0.03)
    mean = np.trapezoid(energy * density, energy) / flux.total_per_cm2_s
    assert mean == pytest.approx(mean_mev, rel=3e-3)
    assert not flux.inverse_moments(energy[-1]).any()


def test_lines():
    """The Q values: 7Be from the masses of NUBASE2020, pep two electron masses above pp."""
    ground, excited = solar_flux("7be")
    assert isinstance(ground, Line)
    assert isinstance(excited, Line)
    mass_excess = {"7Be": 15.76900, "7Li": 14.90711}  # MeV
    q_value = mass_excess["7Be"] - mass_excess["7Li"]
    assert ground.energy_mev == pytest.approx(q_value, abs=3e-4)
    assert excited.energy_mev == pytest.approx(q_value - 0.47761, abs=3e-4)
    assert ground.total_per_cm2_s == pytest.approx(0.897 * 4.93e9, rel=1e-12)
    assert excited.total_per_cm2_s == pytest.approx(0.103 * 4.93e9, rel=1e-12)
    (pep,) = solar_flux("pep")
    (pp,) = solar_flux("pp")
    # The table's end point includes 3.4 keV of the protons' thermal energy.
    assert pep.energy_mev == pytest.approx(pp.energy_mev[-1] + 2 * ELECTRON_MASS_MEV, abs=4e-3)


@pytest.mark.parametrize("component", COMPONENTS)
def test_flavours_sum_to_what_was_produced(component):
    produced = solar(component)
    arrived = solar(component, arrival=two_flavours(survival))
    assert arrived.flavours == ("nu_e", "nu_mu", "nu_tau")
    assert arrived.name == produced.name == f"solar_{component}"
    np.testing.assert_allclose(
        arrived.inverse_moments(QUERIES).sum(axis=0),
        produced.inverse_moments(QUERIES).sum(axis=0),
        rtol=1e-12,
        atol=1e-14 * produced.total_per_cm2_s,
    )
    totals = arrived.by_flavour()
    assert totals["nu_tau"] / totals["nu_mu"] == pytest.approx(0.470 / 0.530, rel=1e-12)


def test_survival_is_that_of_the_component_and_energy():
    arrived = solar("8b", "7be", arrival=two_flavours(survival))
    spectrum, ground, excited = arrived.fluxes["nu_e"]
    expected = boron8().flux_per_cm2_s_mev * survival("8b", spectrum.energy_mev)
    np.testing.assert_allclose(spectrum.flux_per_cm2_s_mev, expected, rtol=1e-14)
    for line, produced in zip((ground, excited), solar_flux("7be"), strict=True):
        probability = survival("7be", produced.energy_mev)
        assert line.total_per_cm2_s == pytest.approx(produced.total_per_cm2_s * probability)


@pytest.mark.parametrize(("probability", "flavours"), [(1.0, {"nu_e"}), (0.0, {"nu_mu", "nu_tau"})])
def test_limits_of_the_survival_probability(probability, flavours):
    arrived = solar(arrival=two_flavours(lambda _, energy: np.full_like(energy, probability)))
    assert {name for name, total in arrived.by_flavour().items() if total > 0} == flavours


def test_names_and_shapes():
    assert solar().name == "solar"
    assert solar("pp", "8b").name == "solar_pp_8b"
    assert solar("8b", shape="bahcall1996").name == "solar_8b"
    assert solar("8b", shape="winter2006").name == "solar_8b_winter2006"
    (flux,) = solar("8b", shape="ortiz2000").fluxes["nu_e"]
    np.testing.assert_array_equal(
        flux.flux_per_cm2_s_mev, boron8(shape="ortiz2000").flux_per_cm2_s_mev
    )


def test_unknown_names():
    with pytest.raises(UnknownNameError, match=r"unknown solar component '9be'.*7be"):
        solar("9be")
    with pytest.raises(UnknownNameError, match=r"unknown solar model 'b16'.*b16-gs98"):
        solar("pp", model="b16")
    with pytest.raises(UnknownNameError, match="unknown 8b spectrum 'longfellow'"):
        solar("8b", shape="longfellow")
    with pytest.raises(UnknownNameError, match="unknown pp spectrum 'winter2006'"):
        solar_flux("pp", shape="winter2006")


def test_bad_arguments():
    with pytest.raises(ArgumentError, match="sno gives only 8b, not pp"):
        solar_flux("pp", model="sno")
    with pytest.raises(ArgumentError, match="7be neutrinos are lines without a shape"):
        solar_flux("7be", shape="winter2006")
    with pytest.raises(ArgumentError, match="every solar component once"):
        solar("pp", "pp")
    with pytest.raises(ArgumentError, match="only 8b has a choice of shapes"):
        solar("pp", shape="winter2006")
    for mixing in (-0.1, 1.1, np.nan):
        with pytest.raises(ArgumentError, match="between 0 and 1"):
            two_flavours(survival, mixing)


def test_the_survival_probability_is_asked_for_once():
    calls = []

    def counting(component, energy):
        calls.append((component, energy.shape))
        return np.full_like(energy, 0.5)

    solar("7be", "8b", arrival=two_flavours(counting))
    assert calls == [("7be", (1,)), ("7be", (1,)), ("8b", boron8().energy_mev.shape)]


@pytest.mark.parametrize("probability", [-0.01, 1.01, np.nan])
def test_a_survival_probability_is_a_probability(probability):
    with pytest.raises(ArgumentError, match="solar_pp neutrinos must be between 0 and 1"):
        solar("pp", arrival=two_flavours(lambda _, energy: np.full_like(energy, probability)))


def test_arrival_probabilities_of_another_shape_or_sum():
    with pytest.raises(ArgumentError, match="three numbers per energy"):
        solar("8b", arrival=lambda _component, _energy: np.full(3, 1 / 3))
    with pytest.raises(ArgumentError, match="do not sum to 1"):
        solar("8b", arrival=lambda _component, energy: np.full((3, energy.size), 0.3))


def test_the_sources_of_the_catalogue_have_the_diagonal_of_the_density_matrix():
    arrived, produced = source("solar_8b"), boron8()
    inside = produced.energy_mev > 0.1
    expected = flavour_probabilities("8b", produced.energy_mev[inside])
    np.testing.assert_allclose(expected.sum(axis=0), 1.0, rtol=1e-14)
    for flavour, probability in zip(("nu_e", "nu_mu", "nu_tau"), expected, strict=True):
        (flux,) = arrived.fluxes[flavour]
        found = flux.flux_per_cm2_s_mev[inside]
        np.testing.assert_allclose(
            found, probability * produced.flux_per_cm2_s_mev[inside], rtol=1e-12
        )
    # Two flavours by day, without the regeneration of the Earth: 3% less nu_e at 15 MeV.
    survival = survival_probability("8b", produced.energy_mev[inside])
    np.testing.assert_allclose(expected[0], survival, rtol=0.03)
    assert np.all(expected[0][produced.energy_mev[inside] > 10.0] > survival[-1])


def test_solar_neutrinos_depend_on_the_latitude():
    """More matter is crossed nearer the equator; other sources are alike everywhere."""
    assert source("solar_8b") is source("solar_8b", latitude_deg=42.4)
    north, south = source("solar_8b"), source("solar_8b", latitude_deg=28.15)
    electrons = [each.fluxes["nu_e"][0].total_per_cm2_s for each in (north, south)]
    assert 1e-4 < electrons[1] / electrons[0] - 1 < 1e-2
    assert south.total_per_cm2_s == pytest.approx(north.total_per_cm2_s, rel=1e-9)
    assert source("reactor", latitude_deg=28.15) is source("reactor")
    with pytest.raises(ArgumentError, match="latitude"):
        source("solar_8b", latitude_deg=91.0)
