"""Laws that every interaction obeys, on nuclei and electrons, for any source."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from bayes_cevns.errors import ArgumentError, ChannelError, UnknownNameError
from bayes_cevns.physics.baseline import Baseline
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.interactions import ELECTRON, NUCLEUS, Role, interaction, interactions
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates import ElectronRecoilRate, NuclearRecoilRate, Rate, rate
from bayes_cevns.sources import Source, Spectrum

# Some beams reach none of the recoils that are asked for; the rate says so, and is zero.
pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.UnitWarning")

M_E = 0.51099895
LAWS = settings(max_examples=80, deadline=None, derandomize=True)
CHANNELS = {"cevns": NUCLEUS, "electron": ELECTRON}
ALL = interactions()
CASES = [
    (channel, name)
    for name, entry in ALL.items()
    for channel, what in CHANNELS.items()
    if what in entry.scatters_on
]
WITH_MEDIATOR = [
    case for case in CASES if ALL[case[1]].has_mass and ALL[case[1]].axis.role is Role.PROPAGATOR
]
WITH_STERILE = [case for case in CASES if ALL[case[1]].axis.role is Role.FINAL_STATE]

#: Of every beam, for interactions by which neutrinos oscillate.
BASELINE = Baseline(20.0, 0.5)

cases = st.sampled_from(CASES)
targets = st.sampled_from(["Xe", "Ar", "Ge", "Si", "Na", "I", "Cs"])
recoils = st.floats(-3, 4).map(lambda power: 10.0**power)
masses = st.floats(-2, 5).map(lambda power: 10.0**power)
#: In units of the coupling whose effect is as large as the Standard Model.
strengths = st.floats(-3, 3).flatmap(lambda p: st.sampled_from([-(10.0**p), 10.0**p]))


@st.composite
def beams(draw, least=1):
    """Piecewise-linear spectra between 0 and 60 MeV, of one flavour or more."""
    first = draw(st.floats(0.0, 10.0))
    steps = draw(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=4))
    energy = first + np.concatenate([[0.0], np.cumsum(steps)])
    flavours = draw(st.lists(st.sampled_from(FLAVOURS), min_size=least, max_size=6, unique=True))
    sizes = st.lists(st.floats(1.0, 1e7), min_size=energy.size, max_size=energy.size)
    fluxes = {f: (Spectrum(f, energy, np.array(draw(sizes))),) for f in flavours}
    return Source("beam", fluxes, baseline=BASELINE)


def make(channel: str, beam: Source, element: str, name: str | None = None) -> Rate:
    new = None if name is None else interaction(name)
    if channel == "cevns":
        return NuclearRecoilRate(source=beam, target=target(element), interaction=new)
    return ElectronRecoilRate(source=beam, target=target(element), interaction=new, theory=FREE)


def is_known(case: tuple[str, str], element: str) -> bool:
    """Whether there are spins for it: beams end long before structure functions do."""
    return case != ("cevns", "axial-paper-001") or element == "Xe"


def mass_for(name: str, mass: float) -> float | None:
    return mass if ALL[name].has_mass else None


def recoil_of(channel: str, beam: Source, element: str, fraction: float) -> float:
    """A recoil energy in keV that this fraction of the way to the end point."""
    return fraction * end_point_kev(channel, beam, element)


def end_point_kev(channel: str, beam: Source, element: str) -> float:
    """T_max = 2 E^2 / (m + 2 E) of the last energy of the beam on the lightest target."""
    last = max(part.energy_mev[-1] for parts in beam.fluxes.values() for part in parts)
    lightest = min(i.mass_mev for i in target(element).isotopes)
    mass = M_E if channel == "electron" else lightest
    return 2e3 * last**2 / (mass + 2 * last)


@LAWS
@given(cases, beams(), targets, st.floats(1e-4, 1.2), masses, strengths)
def test_rates_are_never_negative(case, beam, element, fraction, mass, strength):
    channel, name = case
    recoil = recoil_of(channel, beam, element, fraction)
    assume(is_known(case, element))
    spectrum = make(channel, beam, element, name)
    sm, linear, quadratic = spectrum.components(recoil, mass_for(name, mass))
    slack = 1e-9 * sm
    assert sm >= -1e-30
    assert quadratic >= -1e-30
    if quadratic > 0 and sm > 0:
        x = np.clip(strength * np.sqrt(sm / quadratic), *ALL[name].product_range)
        total = float(spectrum.total(recoil, mass_for(name, mass), x))
        assert total >= -slack * (1 + strength**2)
        # |2 a b| <= a^2 + b^2 of the amplitudes, whatever is averaged over.
        assert abs(linear) <= 2 * np.sqrt(sm * quadratic) * (1 + 1e-6)


@LAWS
@given(cases, beams(), targets, masses, st.floats(0.0, 3.0))
def test_exactly_nothing_beyond_the_end_point(case, beam, element, mass, excess):
    channel, name = case
    assume(is_known(case, element))
    spectrum = make(channel, beam, element, name)
    end = end_point_kev(channel, beam, element)
    beyond = end * (1 + 1e-9) + excess
    assert not spectrum.components(beyond, mass_for(name, mass)).any()
    assert spectrum.total(beyond, mass_for(name, mass), 1e-9) == 0
    assert spectrum.components(end * (1 - 1e-3), mass_for(name, mass))[0] > 0


@LAWS
@given(cases, beams(), targets, recoils, masses)
def test_no_coupling_is_the_standard_model(case, beam, element, recoil, mass):
    channel, name = case
    assume(is_known(case, element))
    sm = make(channel, beam, element).components(recoil)
    assert not sm[1:].any()
    spectrum = make(channel, beam, element, name)
    found = spectrum.components(recoil, mass_for(name, mass))
    np.testing.assert_allclose(found[0], sm[0], rtol=1e-13)
    np.testing.assert_allclose(spectrum.total(recoil, mass_for(name, mass), 0.0), sm[0], rtol=1e-13)
    np.testing.assert_allclose(make(channel, beam, element).total(recoil), sm[0], rtol=1e-13)


@LAWS
@given(cases, st.floats(0.01, 0.9), masses, st.floats(0.1, 10.0))
def test_scaling_with_the_quoted_coupling(case, fraction, mass, factor):
    """Interference goes with g^2 (a moment's with x), new physics with g^4 (x^2)."""
    channel, name = case
    beam = FULL
    recoil = recoil_of(channel, beam, "Xe", fraction)
    entry, spectrum = ALL[name], make(channel, beam, "Xe", name)
    sm, _, quadratic = spectrum.components(recoil, mass_for(name, mass))
    assume(quadratic > 0)
    power = 1 / entry.coupling.power
    unit = min(float(entry.quoted(np.sqrt(sm / quadratic))), 0.02 * entry.product_range[1])

    def odd_and_even(coupling: float) -> tuple[float, float]:
        x = entry.product(coupling)
        plus, minus = spectrum.total(recoil, mass_for(name, mass), [x, -x])
        return 0.5 * (plus - minus), 0.5 * (plus + minus) - sm

    odd, even = odd_and_even(unit)
    more_odd, more_even = odd_and_even(factor * unit)
    scale = abs(even) + abs(odd)
    assert even == pytest.approx(entry.product(unit) ** 2 * quadratic, rel=1e-9)
    assert more_odd == pytest.approx(factor**power * odd, rel=1e-9, abs=1e-9 * scale)
    size = 1e-9 * scale * (1 + factor ** (2 * power))
    assert more_even == pytest.approx(factor ** (2 * power) * even, rel=1e-9, abs=size)


def momentum_mev(spectrum: Rate, recoil_kev: float) -> float:
    return float(np.sqrt(2 * spectrum.recoil_mass_mev * recoil_kev * 1e-3))


@LAWS
@given(st.sampled_from(WITH_MEDIATOR), st.floats(0.01, 0.9), st.floats(1.0, 100.0))
def test_heavy_mediators_depend_on_x_over_m_squared(case, fraction, factor):
    channel, name = case
    recoil = recoil_of(channel, FULL, "Xe", fraction)
    spectrum = make(channel, FULL, "Xe", name)
    mass = 1e4 * momentum_mev(spectrum, recoil)
    near, far = np.moveaxis(spectrum.components(recoil, [mass, factor * mass]), 1, 0)
    np.testing.assert_allclose(far * factor ** np.array([0, 2, 4]), near, rtol=1e-7)


@LAWS
@given(st.sampled_from(WITH_MEDIATOR), st.floats(0.01, 0.9), st.floats(1e-6, 1.0))
def test_light_mediators_do_not_depend_on_their_mass(case, fraction, factor):
    channel, name = case
    recoil = recoil_of(channel, FULL, "Xe", fraction)
    spectrum = make(channel, FULL, "Xe", name)
    mass = 1e-4 * momentum_mev(spectrum, recoil)
    light, lighter = np.moveaxis(spectrum.components(recoil, [mass, factor * mass]), 1, 0)
    np.testing.assert_allclose(lighter, light, rtol=1e-7)


@LAWS
@given(st.sampled_from(WITH_STERILE), beams(), targets, st.floats(0.01, 1.0), st.floats(0.0, 2.0))
def test_a_heavier_sterile_neutrino_is_made_by_fewer(case, beam, element, fraction, share):
    """Exactly by none above the end of the source, and below by no more than a lighter one.

    A scalar has more phase space with it, a factor 1 + m_4^2/q^2, before it has less.
    """
    channel, name = case
    recoil = recoil_of(channel, beam, element, fraction)
    mass = share * beam.highest_energy_mev + 1e-6
    lighter, heavier = make(channel, beam, element, name).components(recoil, [mass / 2, mass])[2]
    assert heavier <= lighter * (1 + 1e-9) or name == "sterile-scalar"
    assert heavier == 0.0 or mass <= beam.highest_energy_mev


@LAWS
@given(cases, beams(least=2), targets, recoils, masses)
def test_a_source_of_many_flavours_is_the_sum_of_its_flavours(case, beam, element, recoil, mass):
    channel, name = case
    assume(is_known(case, element))
    whole = make(channel, beam, element, name).components(recoil, mass_for(name, mass))
    parts = [
        make(
            channel, Source(flavour, {flavour: fluxes}, baseline=BASELINE), element, name
        ).components(recoil, mass_for(name, mass))
        for flavour, fluxes in beam.fluxes.items()
    ]
    scale = np.abs(parts).sum(axis=0)
    np.testing.assert_allclose(whole, np.sum(parts, axis=0), rtol=1e-12, atol=1e-12 * scale.max())


@LAWS
@given(beams(), targets, recoils, masses, st.floats(-9, -3))
def test_b_minus_l_is_the_universal_vector_with_its_charges(beam, element, recoil, mass, power):
    x = 10.0**power
    for channel, factor in (("cevns", -1 / 3), ("electron", 1.0)):
        b_minus_l = make(channel, beam, element, "b-l").total(recoil, mass, x)
        universal = make(channel, beam, element, "vector-universal")
        parts = np.abs(universal.components(recoil, mass)) @ [1, x, x**2]
        np.testing.assert_allclose(
            b_minus_l, universal.total(recoil, mass, factor * x), rtol=1e-9, atol=1e-12 * parts
        )


SHAPE = Spectrum("shape", np.array([0.0, 2.0, 30.0, 55.0]), np.array([0.0, 3e5, 1e6, 2e4]))
#: All six flavours, unevenly, so that a loop of muons and taus does not cancel.
FREE = Theory(atoms="free")
FULL = Source(
    "full",
    {f: (SHAPE.scaled_to(1e6 * (1 + i) ** 2),) for i, f in enumerate(FLAVOURS)},
    baseline=BASELINE,
)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("name", ["vector-universal", "l_mu-l_tau", "l_mu-l_tau-paper-001"])
def test_loops_of_muons_and_taus_see_no_electron_neutrinos(name, flavour):
    beam = Source("one", {flavour: (SHAPE,)})
    for channel, recoil in (("cevns", 3.0), ("electron", 100.0)):
        _, linear, quadratic = make(channel, beam, "Xe", name).components(recoil, 10.0)
        blind = "tau" in name and flavour.endswith("nu_e")
        assert (linear == 0) == blind
        assert (quadratic == 0) == blind


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("recoil_kev", [5.0, 800.0, 2e4])
def test_electronic_recoils_against_adaptive_integration(flavour, recoil_kev):
    """Z free electrons an atom; g_L and g_R by hand; SciPy over the spectrum."""
    g_l = 0.23857 + (0.5 if flavour.endswith("nu_e") else -0.5)
    g_r = 0.23857
    if flavour.startswith("anti"):
        g_l, g_r = g_r, g_l
    recoil = recoil_kev / 1e3

    def integrand(energy: float) -> float:
        flux = np.interp(energy, SHAPE.energy_mev, SHAPE.flux_per_cm2_s_mev)
        y = recoil / energy
        mix = g_l * g_r * M_E * recoil / energy**2
        return flux * (g_l**2 + g_r**2 * (1 - y) ** 2 - mix)

    least = (recoil + np.sqrt(recoil**2 + 2 * M_E * recoil)) / 2
    edges = [least, *(e for e in SHAPE.energy_mev if e > least)]
    total = sum(quad(integrand, low, high, epsrel=1e-12)[0] for low, high in pairwise(edges))
    total *= 2 * 1.1663787e-11**2 * M_E / np.pi * 3.89379372e-22
    expected = total * 54 * target("Xe").atoms_per_tonne * 365.25 * 86400 / 1e3
    beam = Source("one", {flavour: (SHAPE,)})
    found = make("electron", beam, "Xe").components(recoil_kev)[0]
    assert found == pytest.approx(expected, rel=1e-10)


# Odd input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"channel": "cevn"}, "unknown channel 'cevn'; did you mean 'cevns'"),
        ({"channel": "moon"}, "available: cevns, electron"),
        ({"interaction": "b-i"}, "did you mean 'b-l'"),
        ({"source": "solar_8B"}, "did you mean 'solar_8b'"),
        ({"target": "Xenon"}, "Xe"),
    ],
)
def test_unknown_names_list_the_known_ones(change, text):
    arguments = {"channel": "cevns", "source": "solar_8b", "target": "Xe", **change}
    with pytest.raises(UnknownNameError, match=text):
        rate(**arguments)


@pytest.mark.parametrize(
    ("channel", "name", "has"),
    [("electron", "baryonic", "nucleus"), ("cevns", "scalar-leptophilic", "electron")],
)
def test_an_interaction_in_a_channel_that_it_lacks(channel, name, has):
    text = f"'{name}' does not scatter on .* \\(it scatters on: {has}\\)"
    with pytest.raises(ChannelError, match=text):
        make(channel, FULL, "Xe", name).components(1.0, 10.0)


@pytest.mark.parametrize("case", CASES, ids=":".join)
@pytest.mark.parametrize(
    "energy", [0.0, -1.0, np.nan, np.inf, -np.inf, [1.0, 0.0], None, 1e-300, 1e300]
)
def test_bad_energies(case, energy):
    spectrum = make(case[0], FULL, "Xe", case[1])
    with pytest.raises(ArgumentError, match="energy must be positive and finite, in keV"):
        spectrum.components(energy, mass_for(case[1], 10.0))


@pytest.mark.parametrize("case", CASES, ids=":".join)
@pytest.mark.parametrize("x", [np.nan, np.inf, -np.inf, [0.0, np.nan], 1e200, -1e200])
def test_bad_couplings(case, x):
    spectrum = make(case[0], FULL, "Xe", case[1])
    with pytest.raises(ArgumentError, match="a coupling product must be finite"):
        spectrum.total(1.0, mass_for(case[1], 10.0), x)


@pytest.mark.parametrize("case", CASES, ids=":".join)
def test_extreme_numbers_give_finite_rates(case):
    """At both ends of what is allowed, and without a warning (they are errors here)."""
    spectrum = make(case[0], FULL, "Xe", case[1])
    for energy in (1e-60, 1e-30, 1e-3, 1e5, 1e60):
        for mass in (1e-60, 1e-6, 1.0, 1e30, 1e60):
            for x in (1e-60, -1.0, 1e60):
                allowed = float(np.clip(x, *ALL[case[1]].product_range))
                total = spectrum.total(energy, mass_for(case[1], mass), allowed)
                assert np.isfinite(total)
                assert energy < 1e5 or total == 0.0


@pytest.mark.parametrize("case", CASES, ids=":".join)
def test_a_mass_is_neither_missed_nor_ignored(case):
    spectrum = make(case[0], FULL, "Xe", case[1])
    if ALL[case[1]].has_mass:
        axis = re.escape(ALL[case[1]].axis.name)
        with pytest.raises(ArgumentError, match=f"needs a {axis}"):
            spectrum.components(1.0)
        for bad in (0.0, -1.0, np.nan, np.inf, [1.0, -2.0], 1e-300, 1e300):
            with pytest.raises(ArgumentError, match=f"a {axis} must be positive and finite"):
                spectrum.components(1.0, bad)
    else:
        with pytest.raises(ArgumentError, match="has no mediator, got a mass of 10"):
            spectrum.components(1.0, 10)


@pytest.mark.parametrize("case", [*CASES, ("cevns", None), ("electron", None)], ids=str)
@pytest.mark.parametrize("energies", [1.0, [], [1.0, 2.0], [[0.5, 1.0], [2.0, 9.0]]])
@pytest.mark.parametrize("mass", [3.0, [], [3.0, 4.0], [[1.0, 2.0, 3.0]]])
def test_shapes(case, energies, mass):
    channel, name = case
    spectrum = make(channel, FULL, "Xe", name)
    has_mass = name is not None and ALL[name].has_mass
    found = spectrum.components(energies, mass if has_mass else None)
    assert found.shape == (3, *(np.shape(mass) if has_mass else ()), *np.shape(energies))
    for x in (0.0, [1e-9], [[1e-9, 0.0]]) if name else ():
        total = spectrum.total(energies, 3.0 if has_mass else None, x)
        assert total.shape == (*np.shape(x), *np.shape(energies))


def test_many_couplings_at_once_are_what_each_gives():
    spectrum = make("cevns", FULL, "Xe", "vector-universal")
    xs, energies = np.linspace(-1e-8, 1e-8, 7), np.array([0.5, 1.0, 3.0])
    many = spectrum.total(energies, 10.0, xs)
    for x, row in zip(xs, many, strict=True):
        np.testing.assert_allclose(row, spectrum.total(energies, 10.0, x), rtol=1e-13)


def test_results_are_the_callers_own():
    """What is kept between calls is not handed out."""
    spectrum = make("cevns", FULL, "Xe", "b-l")
    for one in (spectrum, make("cevns", FULL, "Xe")):
        first = one.components([1.0, 2.0], None if one.interaction is None else 5.0)
        before = first.copy()
        first[...] = -1.0
        again = one.components([1.0, 2.0], None if one.interaction is None else 5.0)
        np.testing.assert_array_equal(again, before)
