"""Recoil spectra: laws that hold for any source, target and coupling; shapes; odd input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.interactions import NUCLEUS, Role, interaction, interactions
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.sources import Source, Spectrum, source

VECTORS = ("vector-universal", "b-l")
SCALARS = ("scalar-universal", "scalar-universal-uds", "scalar-higgs-like")
ON_NUCLEI = [
    name
    for name, e in interactions().items()
    if NUCLEUS in e.scatters_on and e.axis.role is not Role.OSCILLATION
]
# Beams without neutrinos, or below the recoils that are asked for, are among the cases; the rate
# says so, and is zero.
pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.UnitWarning")

LAWS = settings(max_examples=50, deadline=None, derandomize=True)

targets = st.sampled_from(["Xe", "Ar", "Ge", "Si", "Na", "I", "Cs"]).map(target)
names = st.sampled_from([*VECTORS, *SCALARS])
forms = st.sampled_from(["helm", "klein-nystrand", "point-like"])
recoils = st.floats(1e-3, 20.0)
masses = st.floats(-2, 5).map(lambda power: 10.0**power)
couplings = st.floats(-14, -2).flatmap(lambda p: st.sampled_from([-(10.0**p), 10.0**p]))


@st.composite
def beams(draw):
    """A piecewise-linear spectrum between 0 and 60 MeV."""
    first = draw(st.floats(0.0, 10.0))
    steps = draw(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=5))
    energy = first + np.concatenate([[0.0], np.cumsum(steps)])
    flux = draw(st.lists(st.floats(0.0, 1e7), min_size=energy.size, max_size=energy.size))
    return beam_of(energy, np.array(flux))


def beam_of(energy, flux):
    return Source("beam", {"nu_e": (Spectrum("beam", np.array(energy), np.array(flux)),)})


def xenon(name: str | None = None, form: str = "helm") -> NuclearRecoilRate:
    new = None if name is None else interaction(name)
    return NuclearRecoilRate(
        source=source("solar_8b"), target=target("Xe"), interaction=new, theory=Theory(form)
    )


@LAWS
@given(beams(), targets, names, forms, recoils, masses, couplings)
def test_rates_are_never_negative(beam, element, name, form, recoil_kev, mass, x):
    rate = NuclearRecoilRate(
        source=beam, target=element, interaction=interaction(name), theory=Theory(form)
    )
    parts = rate.components(recoil_kev, mass)
    powers = np.array([1.0, x, x**2])
    # Cancellations leave rounding errors of the largest term.
    slack = 1e-12 * float(np.abs(powers) @ np.abs(parts)) + 1e-9 * float(parts[0])
    assert float(rate.total(recoil_kev, mass, x)) >= -slack
    assert parts[0] >= -1e-12 * abs(parts[0])
    assert parts[2] >= 0


@LAWS
@given(beams(), targets, names, masses, couplings, st.floats(0.0, 3.0))
def test_nothing_beyond_the_end_point(beam, element, name, mass, x, excess):
    """T_max = 2 E^2 / (m + 2 E) of the lightest isotope and the last energy of the beam."""
    (spectrum,) = beam.fluxes["nu_e"]
    last = spectrum.energy_mev[-1]
    lightest = min(i.mass_mev for i in element.isotopes)
    end_kev = 2e3 * last**2 / (lightest + 2 * last)
    rate = NuclearRecoilRate(source=beam, target=element, interaction=interaction(name))
    beyond = end_kev * (1 + 1e-9) + excess
    assert not rate.components(beyond, mass).any()
    assert rate.total(beyond, mass, x) == 0
    assume(spectrum.flux_per_cm2_s_mev[-1] > 1.0)
    below = rate.total(end_kev * (1 - 1e-4), mass, 0.0)
    assert float(below) > 0


def test_each_isotope_ends_where_its_mass_says():
    """Just above the end point of the heaviest isotope, all the others still recoil."""
    beam = beam_of([0.0, 9.999, 10.0], [0.0, 0.0, 1e6])
    rate = NuclearRecoilRate(source=beam, target=target("Xe"))
    ends = sorted(2e3 * 10.0**2 / (i.mass_mev + 20.0) for i in target("Xe").isotopes)
    inside = [rate.components(end * (1 - 1e-7))[0] for end in ends]
    outside = [rate.components(end * (1 + 1e-9))[0] for end in ends]
    assert all(i > o for i, o in zip(inside, outside, strict=True))
    assert outside[-1] == 0
    assert all(o > 0 for o in outside[:-1])


@LAWS
@given(beams(), targets, names, forms, recoils, masses)
def test_no_coupling_is_the_standard_model(beam, element, name, form, recoil_kev, mass):
    sm = NuclearRecoilRate(
        source=beam, target=element, interaction=None, theory=Theory(form)
    ).components(recoil_kev)
    rate = NuclearRecoilRate(
        source=beam, target=element, interaction=interaction(name), theory=Theory(form)
    )
    np.testing.assert_allclose(rate.components(recoil_kev, mass)[0], sm[0], rtol=1e-13)
    np.testing.assert_allclose(rate.total(recoil_kev, mass, 0.0), sm[0], rtol=1e-13)
    assert not sm[1:].any()


@LAWS
@given(st.sampled_from(SCALARS), st.floats(0.01, 4.0), masses, st.floats(0.1, 10.0))
def test_scalars_go_with_the_square_of_x(name, recoil_kev, mass, factor):
    rate = xenon(name)
    sm, linear, quadratic = rate.components(recoil_kev, mass)
    assert linear == 0
    assert quadratic > 0
    x = float(np.sqrt(sm / quadratic))  # as large as the Standard Model
    excess = float(rate.total(recoil_kev, mass, x)) - sm
    scaled = float(rate.total(recoil_kev, mass, factor * x)) - sm
    assert scaled == pytest.approx(factor**2 * excess, rel=1e-12 * (1 + factor**-2))
    assert rate.total(recoil_kev, mass, -x) == rate.total(recoil_kev, mass, x)


@LAWS
@given(names, st.floats(0.01, 4.0), st.floats(3.6, 5.0), couplings)
def test_heavy_mediators_depend_on_x_over_m_squared(name, recoil_kev, power, x):
    """Above 4 GeV, q^2/m^2 is below 1e-4 (q up to 35 MeV on xenon)."""
    mass, rate = 10.0**power, xenon(name)
    near = float(rate.total(recoil_kev, mass, x))
    far = float(rate.total(recoil_kev, 2 * mass, 4 * x))
    parts = np.abs(rate.components(recoil_kev, mass)) * [1, abs(x), x**2]
    assert far == pytest.approx(near, abs=2e-4 * float(parts.sum()))


@LAWS
@given(names, st.floats(0.1, 4.0), st.floats(-2, -1.3))
def test_light_mediators_do_not_depend_on_their_mass(name, recoil_kev, power):
    """Below 50 keV, m^2/q^2 is below 1e-4 (q above 5 MeV on xenon)."""
    rate = xenon(name)
    parts = rate.components(recoil_kev, [10.0**power, 1e-3])
    np.testing.assert_allclose(parts[:, 0], parts[:, 1], rtol=3e-4)


@LAWS
@given(names, st.floats(0.1, 4.0), masses, st.floats(1.01, 10.0))
def test_heavier_mediators_do_less(name, recoil_kev, mass, factor):
    light, heavy = np.moveaxis(xenon(name).components(recoil_kev, [mass, factor * mass]), 1, 0)
    assert light[0] == heavy[0]
    assert np.all(np.abs(heavy[1:]) <= np.abs(light[1:]))
    assert heavy[2] < light[2]


@LAWS
@given(
    st.sampled_from(["helm", "klein-nystrand", "point-like"]),
    st.floats(1e-3, 4.5),
    st.floats(1.001, 2),
)
def test_the_standard_model_spectrum_falls(form, recoil_kev, factor):
    first, second = xenon(form=form).components([recoil_kev, factor * recoil_kev])[0]
    assert second < first


@pytest.mark.parametrize("name", [*VECTORS, *SCALARS])
@pytest.mark.parametrize("recoil_kev", [0.3, 1.0, 3.0])
def test_sign_of_the_effect_of_a_weak_coupling(name, recoil_kev):
    """Like-sign couplings of the universal vector take events away; everything else adds."""
    rate = xenon(name)
    sm, linear, quadratic = rate.components(recoil_kev, 10.0)
    x = 0.05 * sm / abs(linear) if linear else np.sqrt(0.05 * sm / quadratic)
    plus, minus = (float(rate.total(recoil_kev, 10.0, s * x)) - sm for s in (1, -1))
    if name == "vector-universal":
        assert plus < 0 < minus
    elif name == "b-l":
        assert plus > 0
    else:
        assert plus == minus
        assert plus > 0


def test_the_destructive_dip_is_nearly_complete():
    """One coupling cancels Q of every isotope to a per mille of the rate: Q/A hardly varies."""
    sm, linear, quadratic = xenon("vector-universal").components(1.0, 1e4)
    least = sm - linear**2 / (4 * quadratic)
    assert 1e-5 < least / sm < 1e-3
    x = -linear / (2 * quadratic)
    assert x > 0
    assert float(xenon("vector-universal").total(1.0, 1e4, x)) == pytest.approx(least, rel=1e-9)


@pytest.mark.parametrize("element", ["Xe", "Ar", "Ge"])
def test_rate_of_an_element_is_the_mean_over_its_isotopes(element):
    """Per atom: summing one-isotope targets by mole fraction gives the natural element."""
    natural = target(element)
    total = 0.0
    for isotope in natural.isotopes:
        pure = type(natural)(
            element, (type(isotope)("X", isotope.z, isotope.a, 1.0, isotope.atomic_mass_u),)
        )
        per_atom = (
            NuclearRecoilRate(source=source("solar_8b"), target=pure).components(0.7)[0]
            / pure.atoms_per_tonne
        )
        total += isotope.abundance * per_atom
    found = (
        NuclearRecoilRate(source=source("solar_8b"), target=natural).components(0.7)[0]
        / natural.atoms_per_tonne
    )
    assert found == pytest.approx(total, rel=1e-12)


@LAWS
@given(beams(), st.floats(1e-3, 1e3), recoils)
def test_linear_in_the_flux(beam, factor, recoil_kev):
    (spectrum,) = beam.fluxes["nu_e"]
    twice = beam_of(spectrum.energy_mev, spectrum.flux_per_cm2_s_mev * factor)
    one, more = (
        NuclearRecoilRate(source=b, target=target("Ge")).components(recoil_kev)[0]
        for b in (beam, twice)
    )
    assert more == pytest.approx(factor * one, rel=1e-6, abs=1e-12 * factor * beam.total_per_cm2_s)


# Shapes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, *ON_NUCLEI])
@pytest.mark.parametrize("energies", [1.0, [], [1.0], [0.5, 1.0], [[0.5, 1.0], [2.0, 9.0]]])
@pytest.mark.parametrize("mass", [3.0, [], [3.0], [3.0, 4.0], [[1.0, 2.0, 3.0]]])
def test_shapes_and_values_of_arrays(name, energies, mass):
    rate = xenon(name)
    if name is None:
        assert rate.components(energies).shape == (3, *np.shape(energies))
        return
    if not interaction(name).has_mass:
        values = rate.components(energies)
        assert values.shape == (3, *np.shape(energies))
        for j in np.ndindex(np.shape(energies)):
            one = rate.components(np.asarray(energies)[j])
            np.testing.assert_allclose(values[(slice(None), *j)], one, rtol=1e-13)
        return
    values = rate.components(energies, mass)
    assert values.shape == (3, *np.shape(mass), *np.shape(energies))
    for i in np.ndindex(np.shape(mass)):
        for j in np.ndindex(np.shape(energies)):
            one = rate.components(np.asarray(energies)[j], np.asarray(mass)[i])
            np.testing.assert_allclose(values[(slice(None), *i, *j)], one, rtol=1e-13)


@pytest.mark.parametrize("value", [1, [1], np.array([1], dtype=np.uint8), np.float32(1), (1,)])
def test_integers_lists_and_narrow_floats(value):
    expected = xenon("b-l").components(1.0, 1.0)
    found = xenon("b-l").components(value, value)
    np.testing.assert_allclose(found.reshape(3), expected, rtol=1e-15)


def test_total_has_the_shape_of_the_energies():
    for energies in (1.0, [1.0], [[1.0, 2.0]]):
        assert np.shape(xenon("b-l").total(energies, 5.0, 1e-10)) == np.shape(energies)
        assert np.shape(xenon().total(energies)) == np.shape(energies)


# Odd input --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, [1.0, -2.0], [[1.0], [np.nan]], None])
def test_bad_energies(value):
    with pytest.raises(ArgumentError, match="energy must be positive and finite, in keV"):
        xenon().components(value)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, [1.0, -2.0]])
def test_bad_masses(value):
    with pytest.raises(ArgumentError, match="mediator mass must be positive and finite, in MeV"):
        xenon("b-l").components(1.0, value)


def test_a_mediator_needs_a_mass():
    with pytest.raises(ArgumentError, match="'b-l' needs a mediator mass, in MeV"):
        xenon("b-l").components(1.0)


def test_unknown_form_factor():
    with pytest.raises(UnknownNameError, match="did you mean 'helm'"):
        xenon(form="helmm").components(1.0)


@pytest.mark.parametrize("x", [float("nan"), float("inf")])
def test_bad_couplings(x):
    with pytest.raises(ArgumentError, match="coupling"):
        xenon("b-l").total(1.0, 10.0, x)


def test_the_standard_model_has_no_coupling():
    with pytest.raises(ArgumentError, match="Standard Model"):
        xenon().total(1.0, coupling_product=1e-8)
